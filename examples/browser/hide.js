// Protects a recording with the graph that `sottovoce export ssed-ecapa-tdnn` writes, in this page alone.
import * as ort from "./node_modules/onnxruntime-web/dist/ort.wasm.min.mjs";

const GRAPH = "ssed-ecapa-tdnn.onnx";
const RATE = 16_000;
// The graph's properties `context` and `stride`: a sample depends on 387 on either side, and cuts lie at multiples of 3.
const CONTEXT = 387;
const CHUNK = 3 * 53_333;
const SNR_FLOOR = 20;

ort.env.wasm.numThreads = 1; // more need headers that a plain file server does not send
ort.env.wasm.wasmPaths = new URL("./node_modules/onnxruntime-web/dist/", import.meta.url).href;

const element = (id) => document.getElementById(id);
let session;
let links = [];

function say(text, wrong = false) {
  element("said").textContent = text;
  element("said").classList.toggle("wrong", wrong);
}

/** The samples of a sound file, `Float32Array` at 16 kHz, its channels averaged. */
async function decoded(file) {
  const context = new OfflineAudioContext(1, 1, RATE);
  const sound = await context.decodeAudioData(await file.arrayBuffer());
  const mono = new Float32Array(sound.length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    sound.getChannelData(channel).forEach((sample, at) => (mono[at] += sample / sound.numberOfChannels));
  }
  return mono;
}

/** What the network makes of samples, a chunk at a time, each with its context. */
async function generated(samples, progress) {
  const found = new Float32Array(samples.length);
  for (let start = 0; start < samples.length; start += CHUNK) {
    const from = Math.max(0, start - CONTEXT);
    const part = samples.slice(from, start + CHUNK + CONTEXT);
    const input = new ort.Tensor("float32", part, [1, part.length]);
    const { changed } = await session.run({ waveforms: input });
    const end = Math.min(start + CHUNK, samples.length);
    found.set(changed.data.subarray(start - from, end - from), start);
    progress(end / samples.length);
    await new Promise((resume) => setTimeout(resume)); // lets the page be drawn
  }
  return found;
}

/** Protected samples and their SNR in dB: as `protect voice --effort low`, at 16 kHz. */
async function hidden(own, progress) {
  const mean = own.reduce((sum, sample) => sum + sample, 0) / own.length; // an offset is no speech
  const heard = own.map((sample) => sample - mean);
  const found = await generated(heard, progress);
  const change = found.map((sample, at) => sample - heard[at]);
  const energy = (samples) => samples.reduce((sum, sample) => sum + sample * sample, 0);
  const spent = energy(change);
  const gain = Math.min(1, Math.sqrt(energy(heard) / 10 ** (SNR_FLOOR / 10) / spent));
  const samples = own.map((sample, at) => Math.max(-1, Math.min(1, sample + gain * change[at])));
  return { samples, snr: 10 * Math.log10(energy(heard) / (gain * gain * spent)) };
}

/** A WAV file of 16 bits. */
function wav(samples) {
  const bytes = new DataView(new ArrayBuffer(44 + 2 * samples.length));
  const text = (at, letters) => [...letters].forEach((letter, place) => bytes.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  bytes.setUint32(4, 36 + 2 * samples.length, true);
  text(8, "WAVEfmt ");
  [16, 1 | (1 << 16), RATE, 2 * RATE, 2 | (16 << 16)].forEach((each, place) => bytes.setUint32(16 + 4 * place, each, true));
  text(36, "data");
  bytes.setUint32(40, 2 * samples.length, true);
  samples.forEach((sample, at) => {
    const rounded = Math.max(-32_768, Math.min(32_767, Math.round(32_768 * sample)));
    bytes.setInt16(44 + 2 * at, rounded, true);
  });
  return new Blob([bytes], { type: "audio/wav" });
}

function link(blob) {
  links.push(URL.createObjectURL(blob));
  return links.at(-1);
}

async function protect(file) {
  element("results").hidden = true;
  links.forEach((each) => URL.revokeObjectURL(each));
  links = [];
  say("Reading …");
  const own = await decoded(file).catch(() => {
    throw new Error(`${file.name}: this browser cannot read it as sound; choose another file`);
  });
  if (!own.some((sample) => sample !== own[0])) throw new Error(`${file.name}: silent; choose another file`);
  session ??= await ort.InferenceSession.create(GRAPH).catch(() => {
    throw new Error(`${GRAPH} is missing beside this page; write it with: sottovoce export ssed-ecapa-tdnn -o ${GRAPH}`);
  });
  const begun = performance.now();
  const { samples, snr } = await hidden(own, (share) => say(`Protecting … ${Math.round(100 * share)} %`));
  const seconds = (performance.now() - begun) / 1000;
  element("original").src = link(file);
  element("download").href = element("protected").src = link(wav(samples));
  element("download").download = "protected.wav";
  element("results").hidden = false;
  const length = (own.length / RATE).toFixed(1);
  say(`Protected: ${length} s of sound in ${seconds.toFixed(1)} s; SNR ${snr.toFixed(1)} dB. Nothing has left this page.`);
}

element("recording").addEventListener("change", async ({ target }) => {
  if (!target.files.length) return;
  target.disabled = true;
  try {
    await protect(target.files[0]);
  } catch (error) {
    say(error.message, true);
  }
  target.disabled = false;
});
