// One player for several versions of a recording: choosing another one goes on at the same place.
// It draws into a shadow root, because the page around it is rewritten whenever something changes.
const STYLE = `
  :host { display: block; border: 1px solid var(--border-color-primary); border-radius: 8px; padding: 0.8rem; }
  div { display: flex; gap: 0.8rem; align-items: center; }
  button { background: #0f766e; color: #fff; border: 0; border-radius: 6px; padding: 0.5rem 1.1rem; font: inherit;
    font-weight: 600; min-width: 5.5rem; cursor: pointer; }
  input { accent-color: #0f766e; }
  input[type="range"] { flex: 1; }
  span.time { font-variant-numeric: tabular-nums; }
  fieldset { border: 0; padding: 0; margin: 0.7rem 0 0; display: flex; flex-wrap: wrap; gap: 0.4rem 1.4rem; }
  legend { font-weight: 600; padding: 0; margin-bottom: 0.3rem; }
  label { display: inline-flex; gap: 0.4rem; align-items: center; cursor: pointer; }
  :focus-visible { outline: 3px solid #0d9488; outline-offset: 2px; }
`;

class SvPlayer extends HTMLElement {
  static observedAttributes = ["data-sources"];

  attributeChangedCallback() {
    this.disconnectedCallback();
    const root = this.shadowRoot || this.attachShadow({ mode: "open" });
    const sources = JSON.parse(this.dataset.sources);
    this.sounds = sources.map(({ url }) => Object.assign(new Audio(url), { preload: "auto" }));
    this.now = 0;
    this.button = this.make("button", { type: "button" });
    this.place = this.make("input", { type: "range", min: 0, max: 1, step: 0.01, value: 0 });
    this.place.setAttribute("aria-label", "Position in seconds");
    this.time = this.make("span", { className: "time" });
    this.time.setAttribute("aria-hidden", "true");
    const bar = this.make("div", {});
    bar.append(this.button, this.place, this.time);
    const choice = this.make("fieldset", {});
    choice.append(this.make("legend", { textContent: "Listen to" }));
    sources.forEach(({ name }, index) => {
      const radio = this.make("input", { type: "radio", name: "version", checked: index === 0 });
      radio.addEventListener("change", () => this.change(index));
      const label = this.make("label", {});
      label.append(radio, this.make("span", { textContent: name }));
      choice.append(label);
    });
    root.replaceChildren(this.make("style", { textContent: STYLE }), bar, choice);
    this.button.addEventListener("click", () => (this.sound.paused ? this.sound.play() : this.sound.pause()));
    this.place.addEventListener("input", () => (this.sound.currentTime = Number(this.place.value)));
    for (const sound of this.sounds)
      for (const event of ["play", "pause", "ended", "timeupdate", "loadedmetadata", "seeked"])
        sound.addEventListener(event, () => this.show());
    this.show();
  }

  disconnectedCallback() {
    for (const sound of this.sounds || []) sound.pause();
  }

  get sound() {
    return this.sounds[this.now];
  }

  make(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  change(index) {
    const before = this.sound;
    const playing = !before.paused;
    before.pause();
    this.now = index;
    this.sound.currentTime = before.currentTime;
    if (playing) this.sound.play();
    this.show();
  }

  show() {
    const { currentTime, duration, paused } = this.sound;
    const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    this.button.textContent = paused ? "Play" : "Pause";
    this.place.max = duration || 1;
    this.place.value = currentTime;
    this.time.textContent = `${clock(currentTime)} / ${clock(duration || 0)}`;
  }
}

customElements.define("sv-player", SvPlayer);
