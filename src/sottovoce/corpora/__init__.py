"""Corpora for training and evaluation: manifests, standard folder layouts and mixing."""

from sottovoce.corpora.gtzan import read_gtzan
from sottovoce.corpora.librispeech import read_librispeech
from sottovoce.corpora.loading import audio_files, load_corpus, load_pairs
from sottovoce.corpora.manifest import Utterance, read_manifest, write_manifest
from sottovoce.corpora.mixing import limit_peak, mix, random_excerpt
from sottovoce.corpora.speech_commands import read_speech_commands
from sottovoce.corpora.voicebank_demand import Pair, pairs_of, read_voicebank_demand

__all__ = [
    "Pair",
    "Utterance",
    "audio_files",
    "limit_peak",
    "load_corpus",
    "load_pairs",
    "mix",
    "pairs_of",
    "random_excerpt",
    "read_gtzan",
    "read_librispeech",
    "read_manifest",
    "read_speech_commands",
    "read_voicebank_demand",
    "write_manifest",
]
