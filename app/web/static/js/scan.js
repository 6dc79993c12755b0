// Reads the QR code of a label with the camera and sends the form. Without a camera, or without this script, the field
// takes what a scanner types. Codes are read by the browser where it can (BarcodeDetector), else by a vendored decoder,
// which is fetched only then.
(() => {
  const DECODER = document.currentScript.dataset.decoder;
  const EVERY = 150; // milliseconds between two looks
  const WIDEST = 800; // pixels of the picture that is looked at

  async function detectorOf() {
    if ("BarcodeDetector" in window) {
      const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
      if (formats.includes("qr_code")) {
        const own = new BarcodeDetector({ formats: ["qr_code"] });
        return async (video) => (await own.detect(video))[0]?.rawValue ?? "";
      }
    }
    const { default: decode } = await import(DECODER);
    const canvas = document.createElement("canvas");
    const paper = canvas.getContext("2d", { willReadFrequently: true });
    return async (video) => {
      const scale = Math.min(1, WIDEST / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      paper.drawImage(video, 0, 0, canvas.width, canvas.height);
      try {
        return decode(paper.getImageData(0, 0, canvas.width, canvas.height));
      } catch {
        return ""; // no code in this picture
      }
    };
  }

  OneStop.enhance("[data-scan]", (form) => {
    if (!navigator.mediaDevices?.getUserMedia) return;
    const [open, close] = ["open", "close"].map((name) => form.querySelector(`[data-scan-${name}]`));
    const [view, video] = [form.querySelector(".scan__view"), form.querySelector("video")];
    const status = form.querySelector("[data-scan-status]");
    const field = form.querySelector("input[name=scanned]");
    let stream = null;
    open.hidden = false;

    function stop() {
      for (const track of stream?.getTracks() ?? []) track.stop();
      stream = null;
      view.hidden = close.hidden = true;
      open.hidden = false;
    }

    async function look(detect, mine) {
      if (stream !== mine) return;
      const code = video.videoWidth ? await detect(video).catch(() => "") : "";
      if (stream !== mine) return;
      if (!code) {
        setTimeout(look, EVERY, detect, mine);
        return;
      }
      stop();
      field.value = code;
      status.textContent = OneStop.words(form, "found", { code });
      form.requestSubmit();
    }

    open.addEventListener("click", async () => {
      open.hidden = true;
      try {
        const detect = await detectorOf();
        stream = await navigator.mediaDevices.getUserMedia({
          audio: false,
          video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 } },
        });
        video.srcObject = stream;
        view.hidden = close.hidden = false;
        close.focus();
        status.textContent = OneStop.words(form, "looking");
        await video.play();
        look(detect, stream);
      } catch (error) {
        stop();
        status.textContent = OneStop.words(form, error.name === "NotAllowedError" ? "refused" : "none");
        field.focus();
      }
    });
    close.addEventListener("click", () => {
      stop();
      status.textContent = "";
      open.focus();
    });
    window.addEventListener("pagehide", stop);
  });
})();
