// The unified social credit code, looked at while it is typed (GB 32100-2015). The server has the last word.
(() => {
  const LENGTH = 18;
  const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // without I, O, S, V, Z
  const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
  const ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  const ORG_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

  const weighed = (text, alphabet, weights) => weights.reduce((sum, weight, n) => sum + weight * alphabet.indexOf(text[n]), 0);

  function normalise(text) {
    return text.normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
  }

  function checksFit(code) {
    const last = ALPHABET[(31 - (weighed(code, ALPHABET, WEIGHTS) % 31)) % 31];
    const organisation = (11 - (weighed(code.slice(8), ORG_ALPHABET, ORG_WEIGHTS) % 11)) % 11;
    return code[17] === last && code[16] === (organisation === 10 ? "X" : String(organisation));
  }

  function judge(code) {
    const stranger = [...code].find((character) => !ALPHABET.includes(character));
    if (stranger) return ["alphabet", "wrong", { c: stranger }];
    if (code.length < LENGTH) return ["left", "plain", { n: LENGTH - code.length }];
    if (code.length > LENGTH) return ["long", "wrong", { n: code.length - LENGTH }];
    return checksFit(code) ? ["right", "good", {}] : ["wrong", "wrong", {}];
  }

  OneStop.enhance("[data-uscc]", (input) => {
    const status = input.closest(".field").querySelector("[data-uscc-status]");
    function look() {
      const code = normalise(input.value);
      const [key, tone, places] = code ? judge(code) : ["", "plain", {}];
      status.textContent = key ? OneStop.words(input, key, places) : "";
      status.dataset.tone = tone;
    }
    input.addEventListener("input", look);
    input.addEventListener("change", () => { input.value = normalise(input.value); look(); });
    look();
  });
})();
