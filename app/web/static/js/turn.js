// A ticket on a phone: the title of the page says where one stands, and whoever wants it is alerted when two are left and
// when called: by a sound, a vibration and, where the browser may, a notification. The page itself is kept up by live.js.
OneStop.enhance("[data-alert]", (box) => {
  const button = box.querySelector("button");
  const part = () => document.getElementById("live-part");
  const worth = (turn) => turn === "soon" || turn.startsWith("called");
  let turn = part().dataset.turn;
  let audio = null;

  function sound() {
    if (!audio) return;
    [880, 660, 880].forEach((pitch, n) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const at = audio.currentTime + n * 0.35;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.4, at);
      volume.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.3);
    });
  }

  function notify(words) {
    if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
    // Some phones have notifications for service workers alone, and throw.
    try { new Notification(words, { tag: "turn" }); } catch (error) { console.warn("turn:", error.message); }
  }

  function look() {
    const { turn: now, heading } = part().dataset;
    document.title = document.title.replace(/^.*?(?= · |$)/, () => heading);
    if (now === turn) return;
    turn = now;
    if (!worth(now)) return;
    navigator.vibrate?.([300, 150, 300]);
    sound();
    notify(heading);
    box.dataset.alerted = String(Number(box.dataset.alerted ?? 0) + 1);
  }

  const attributes = { subtree: true, childList: true, attributeFilter: ["data-turn", "data-heading"] };
  new MutationObserver(look).observe(part().parentElement, attributes);

  // A browser makes a sound, and asks for notifications, only after somebody has wanted it.
  box.hidden = false;
  button.addEventListener("click", () => {
    audio = new AudioContext();
    sound();
    if ("Notification" in window && Notification.permission === "default") Notification.requestPermission();
    const said = box.querySelector("[data-on]");
    said.textContent = said.dataset.on;
    button.hidden = true;
  });
});
