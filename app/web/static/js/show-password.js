// A button beside a password shows it while it is typed; it is hidden again before the form is sent, so that browsers
// keep taking the field for a password.
OneStop.enhance("[data-show-password]", (button) => {
  const field = document.getElementById(button.getAttribute("aria-controls"));
  if (!field) return;
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    button.textContent = OneStop.words(button, shown ? "hide" : "show");
  };
  button.addEventListener("click", () => { show(field.type === "password"); field.focus(); });
  field.form?.addEventListener("submit", () => show(false));
});
