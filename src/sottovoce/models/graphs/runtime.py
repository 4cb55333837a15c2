"""An ONNX graph in onnxruntime, without gradients."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from sottovoce.errors import SottovoceError
from sottovoce.models.graphs.reader import Shape


class Runtime(nn.Module):
    """Computes what the graph in an ONNX file does with onnxruntime, on the CPU, on one thread.

    Args:
        path: of the file.

    Attributes:
        inputs, outputs: shapes by name; a name among the sizes stands for one that the caller chooses.
        types: of the inputs, such as "tensor(float)".

    Raises:
        SottovoceError: there is no such file, or onnxruntime cannot read it.

    Example:
        >>> runtime = Runtime("denoiser.onnx")  # doctest: +SKIP
        >>> runtime({"input": torch.zeros(1, 100, 161)})["output"].shape  # doctest: +SKIP
        torch.Size([1, 100, 161])
    """

    def __init__(self, path: str | Path) -> None:
        import onnxruntime

        super().__init__()
        if not Path(path).is_file():
            raise SottovoceError(f"{path}: no such file; check the name")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors are raised; warnings would litter the command line
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
            given, said = self._session.get_inputs(), self._session.get_outputs()
            self.inputs: dict[str, Shape] = {each.name: _shape(each.shape) for each in given}
            self.types = [str(each.type) for each in given]
            self.outputs: dict[str, Shape] = {each.name: _shape(each.shape) for each in said}
        except Exception as error:  # the exceptions of onnxruntime have no common base class; names may be no text
            raise SottovoceError(f"{path}: onnxruntime cannot read it as an ONNX model; get the file again") from error
        if not self.outputs:
            raise SottovoceError(f"{path}: the graph gives nothing; get the file again")
        self.name = str(path)

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The outputs by name, detached, on the device of the inputs.

        Raises:
            SottovoceError: onnxruntime fails on these inputs.
        """
        device = next(iter(inputs.values())).device
        arrays = {name: value.detach().cpu().numpy() for name, value in inputs.items()}
        try:
            found = self._session.run(None, arrays)
        except Exception as error:  # as above
            reason = str(error).strip().splitlines()[0][:200]
            raise SottovoceError(f"{self.name}: onnxruntime cannot compute it: {reason}") from error
        return {name: torch.from_numpy(value).to(device) for name, value in zip(self.outputs, found, strict=True)}


class RuntimeStream(nn.Module):
    """Like `Stream`, in onnxruntime: one call for each frame of each recording.

    Args:
        runtime: takes one frame, and states of fixed shape.
        states: the output that gives each state, by the input that takes it in the next call.
    """

    def __init__(self, runtime: Runtime, states: Mapping[str, str]) -> None:
        super().__init__()
        self.runtime, self.states = runtime, dict(states)

    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        rows: list[dict[str, Tensor]] = []
        for row in range(len(next(iter(inputs.values())))):
            states = {name: torch.zeros(self.runtime.inputs[name]) for name in self.states}  # type: ignore[arg-type]
            frames = []
            for at in range(next(iter(inputs.values())).shape[1]):
                found = self.runtime({name: value[row, at] for name, value in inputs.items()} | states)
                states = {entering: found.pop(leaving) for entering, leaving in self.states.items()}
                frames.append(found)
            rows.append({name: torch.stack([frame[name] for frame in frames]) for name in frames[0]})
        return {name: torch.stack([row[name] for row in rows]) for name in rows[0]}


def _shape(sizes: list[int | str | None]) -> Shape:
    return tuple("" if size is None else size for size in sizes)
