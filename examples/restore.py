"""Hide a voice, and give the original back, bit for bit, with the key.

python examples/restore.py
"""

from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp

from sottovoce import Voice, protect_file, restore_file
from sottovoce.reversible.keys import keygen


def main() -> None:
    folder = Path(mkdtemp())
    recording = Path(str(files("sottovoce") / "data" / "demo.wav"))
    key = keygen(folder / "my.key")
    print(protect_file(recording, folder / "protected.wav", Voice(), secret=key).line())
    restore_file(folder / "protected.wav", folder / "restored.wav", key)
    same = (folder / "restored.wav").read_bytes() == recording.read_bytes()
    print(f"restored to the byte: {same}")


if __name__ == "__main__":
    main()
