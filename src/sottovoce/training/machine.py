"""What a training runs on."""

from dataclasses import dataclass

from lightning_fabric import Fabric

from sottovoce.errors import SottovoceError
from sottovoce.models.devices import choose_device


@dataclass(frozen=True)
class Machine:
    """Devices and processes that a training runs on.

    Args:
        device: "auto", "cpu", "cuda" or "cuda:N"; "auto" is the GPU if there is one, otherwise the CPU.
        devices: number of devices, each with a process of its own; 1 if `device` has an index.
        workers: number of processes that compute PESQ, for `metricgan-plus`.
        bfloat16: compute in bfloat16 where the lower precision does no harm. It takes about half the time on processors
            that support it; the weights stay in float32.

    Raises:
        SottovoceError: a number is below 1, or several devices are asked for together with the index of one.

    Example:
        >>> Machine("cpu").fabric().device
        device(type='cpu')
    """

    device: str = "auto"
    devices: int = 1
    workers: int = 2
    bfloat16: bool = False

    def __post_init__(self) -> None:
        for name in ("devices", "workers"):
            if getattr(self, name) < 1:
                raise SottovoceError(f"--{name} {getattr(self, name)}: must be at least 1")
        if self.devices > 1 and ":" in self.device:
            device = self.device.partition(":")[0]
            raise SottovoceError(f"--device {self.device} is a single device; for several give --device {device}")

    def fabric(self) -> Fabric:
        """The devices, with their processes started.

        Raises:
            SottovoceError: this machine has no such device, or fewer of them.
        """
        device = choose_device(self.device)
        devices = self.devices if device.index is None else [device.index]
        try:
            fabric = Fabric(
                accelerator=device.type,
                devices=devices,
                precision="bf16-mixed" if self.bfloat16 else "32-true",
            )
        except Exception as error:  # Fabric raises its own and several built-in exceptions for what a machine lacks
            reason = str(error).partition("\n")[0]
            raise SottovoceError(f"cannot train on {self.devices} × {device}: {reason}") from error
        fabric.launch()
        return fabric
