// How long a time is still kept. The server said how many seconds are left, so a wrong clock here does no harm.
(() => {
  const SAY_AT_MINUTES = [5, 2, 1];

  OneStop.enhance("[data-hold-seconds]", (box) => {
    const opened = Date.now();
    const seconds = Number(box.dataset.holdSeconds);
    const left = box.querySelector("[data-hold-left]");
    const say = box.querySelector("[data-hold-say]");
    const over = box.querySelector("[data-hold-over]");
    const toSay = SAY_AT_MINUTES.filter((minutes) => minutes * 60 < seconds);

    function show() {
      const rest = Math.max(0, Math.round(seconds - (Date.now() - opened) / 1000));
      const clock = `${Math.floor(rest / 60)}:${String(rest % 60).padStart(2, "0")}`;
      left.textContent = rest ? OneStop.words(box, "left", { time: clock }) : "";
      if (toSay.length && rest <= toSay[0] * 60 && rest > 0) {
        say.textContent = OneStop.words(box, "say", { n: toSay.shift() });
      }
      if (rest) return;
      clearInterval(ticking);
      say.textContent = OneStop.words(box, "over");
      box.classList.add("hold--over");
      if (over) over.hidden = false;
    }

    const ticking = setInterval(show, 1000);
    show();
  });
})();
