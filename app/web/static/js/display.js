// The screen of a waiting room: shows what the stream says, keeps the time, and calls out what is new. Every event holds
// everything, so after a cut the first one puts all right; what was called out is remembered by number and how often it
// was called, so nothing is said twice.
(() => {
  const body = document.body;
  const find = (name) => body.querySelector(`[data-${name}]`);
  document.documentElement.className = "";
  let offset = Date.parse(body.dataset.at) - Date.now();
  let said = new Set(JSON.parse(body.dataset.known));
  let unsaid = [];
  let sound = false;
  let queue = Promise.resolve();

  function clock(moment) {
    return moment.toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
  }
  const tick = () => { find("clock").textContent = clock(new Date(Date.now() + offset)); };
  tick();
  setInterval(tick, 1000);

  function element(name, className, text, lang) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (lang) made.lang = lang;
    made.textContent = text;
    return made;
  }

  function desk(call, before) {
    const made = element("p", "display__desk", `${before}${call.desk_name_zh} `);
    made.append(element("span", "", call.desk_name_en, "en"));
    return made;
  }

  function show(state) {
    const [first, ...others] = state.called;
    const now = find("now");
    if (state.halted) {
      const halted = element("p", "display__halted", "业务暂停，请听从工作人员指引 ");
      halted.append(element("span", "", "Service is paused. Please follow the staff.", "en"));
      now.replaceChildren(halted);
    } else if (first) {
      now.replaceChildren(element("p", "display__number", first.number), desk(first, "请到 "));
    } else {
      const nobody = element("p", "display__nobody", "暂无叫号 ");
      nobody.append(element("span", "", "Nobody is called yet", "en"));
      now.replaceChildren(nobody);
    }
    find("before").replaceChildren(...others.map((call) => {
      const row = element("li", "", "");
      const where = element("span", "", `${call.desk_name_zh} `);
      where.append(element("span", "", call.desk_name_en, "en"));
      row.append(element("span", "display__small", call.number), where);
      return row;
    }));
    find("waiting").textContent = state.waiting;
    const ready = find("announced");
    ready.textContent = "";
    if (state.announced.length) {
      ready.append("请准备 ", element("span", "", "Please get ready", "en"), ` ${state.announced.join("  ")}`);
    }
    announce(state.called.filter((call) => call.state === "called"));
  }

  const key = (call) => `${call.number}/${call.calls}/${call.called_at}`;

  // What stood there when the page was made was called out before. What is called before the sound is switched on is called
  // out then, if it still stands.
  function announce(calls) {
    const keys = calls.map(key);
    unsaid = unsaid.filter((call) => keys.includes(key(call)));
    for (const call of [...calls].reverse()) {
      if (said.has(key(call))) continue;
      if (sound) queue = queue.then(() => callOut(call));
      else unsaid.push(call);
    }
    said = new Set([...said, ...keys].slice(-200));
  }

  const DIGITS = "零一二三四五六七八九";
  const spoken = (number) => [...number].map((each) => DIGITS[each] ?? each).join(" ");

  async function callOut(call) {
    chime();
    await new Promise((done) => { setTimeout(done, 900); });
    if (!("speechSynthesis" in window)) return;
    await new Promise((done) => {
      const words = new SpeechSynthesisUtterance(`请 ${spoken(call.number)} 号，到 ${call.desk_name_zh}`);
      words.lang = "zh-CN";
      words.rate = 0.9;
      words.onend = done;
      words.onerror = done;
      setTimeout(done, 12000);
      speechSynthesis.speak(words);
    });
  }

  let audio = null;
  function chime() {
    if (!audio) return;
    [[880, 0], [660, 0.35]].forEach(([pitch, after]) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const at = audio.currentTime + after;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.4, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.6);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.6);
    });
  }

  // A browser makes a sound only after somebody has asked for it.
  const button = find("sound");
  button.hidden = false;
  button.addEventListener("click", () => {
    sound = true;
    audio = new AudioContext();
    chime();
    for (const call of unsaid.splice(0)) queue = queue.then(() => callOut(call));
    button.hidden = true;
  });

  // The time is the server's. A state is made up shortly before it is heard, so a clock that is behind it is wrong, and so is
  // one that is far ahead of it: this machine's own was set, perhaps.
  function keepTime(state) {
    const ahead = Date.now() + offset - Date.parse(state.at);
    if (ahead < 0 || ahead > 60000) offset -= ahead;
  }

  // Something is heard every 20 seconds. A line that is dead says nothing, not even that: then it is taken for cut.
  const QUIET_MS = Number(body.dataset.quiet);
  const lost = find("lost");
  let wait = 1000;
  let stream = null;
  let heard = Date.now();
  let drawn = "";

  function lose() {
    if (!lost.hidden) return;
    const since = clock(new Date(heard + offset));
    for (const each of lost.querySelectorAll("[data-lost-since]")) each.textContent = since;
    lost.hidden = false;
  }

  function again() {
    stream.close();
    lose();
    setTimeout(listen, wait);
    wait = Math.min(wait * 2, 30000);
  }

  function listen() {
    const opened = Date.now();
    stream = new EventSource(body.dataset.display);
    const mine = stream;
    const watch = setInterval(() => {
      if (mine.readyState === EventSource.CLOSED) clearInterval(watch);
      else if (Date.now() - Math.max(heard, opened) > QUIET_MS) again();
    }, QUIET_MS / 10);
    stream.addEventListener("message", (event) => {
      const state = JSON.parse(event.data);
      heard = Date.now();
      wait = 1000;
      lost.hidden = true;
      keepTime(state);
      const drawing = JSON.stringify({ ...state, at: "" });
      if (drawing !== drawn) show(state);
      drawn = drawing;
      body.dataset.shown = String(Number(body.dataset.shown ?? 0) + 1);
    });
    stream.addEventListener("error", () => {
      lose();
      // A browser comes back by itself from a cut, but not from an answer that is an error: then it is done here.
      if (mine.readyState === EventSource.CLOSED) again();
    });
  }
  listen();
})();
