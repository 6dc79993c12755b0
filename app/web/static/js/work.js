// The calculation that a form has to bring along when a limit is near; app/kit/work.py says what it is and why.
// Starts by itself once; several tries run at the same time, since the browser does each in a thread of its own.
(() => {
  const AT_ONCE = 16;
  const WORD_BITS = 32;
  const text = new TextEncoder();

  async function attempt(key, form, n) {
    const way = { name: "PBKDF2", hash: "SHA-256", salt: text.encode(String(n)), iterations: Number(form.dataset.rounds) };
    const word = new DataView(await crypto.subtle.deriveBits(way, key, WORD_BITS)).getUint32(0);
    return Math.clz32(word) >= Number(form.dataset.difficulty);
  }

  async function solve(form) {
    const key = await crypto.subtle.importKey("raw", text.encode(form.dataset.challenge), "PBKDF2", false, ["deriveBits"]);
    for (let first = 0; ; first += AT_ONCE) {
      const tries = Array.from({ length: AT_ONCE }, (_, k) => attempt(key, form, first + k));
      const found = (await Promise.all(tries)).indexOf(true);
      if (found >= 0) return `${form.dataset.challenge}.${first + found}`;
    }
  }

  function waitInstead(form, status, button) {
    const until = Date.now() + Number(form.dataset.seconds) * 1000;
    button.disabled = true;
    const ticking = setInterval(show, 1000);
    function show() {
      const left = Math.ceil((until - Date.now()) / 1000);
      status.textContent = left > 0 ? OneStop.words(form, "waiting", { n: left }) : OneStop.words(form, "ready");
      if (left > 0) return;
      clearInterval(ticking);
      button.disabled = false;
    }
    show();
  }

  OneStop.enhance("[data-work]", (form) => {
    const status = form.querySelector("[data-work-status]");
    const button = form.querySelector("[data-work-send]");
    const answer = form.querySelector("[data-work-answer]");
    if (!globalThis.crypto?.subtle) { waitInstead(form, status, button); return; }

    async function start() {
      button.disabled = true;
      status.textContent = OneStop.words(form, "working");
      answer.value = await solve(form);
      answer.disabled = false;
      status.textContent = OneStop.words(form, "sending");
      button.disabled = false;
      form.requestSubmit(button);
    }

    form.addEventListener("submit", (event) => {
      if (answer.value) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      start();
    }, { capture: true });
    if ("auto" in form.dataset) start();
  });
})();
