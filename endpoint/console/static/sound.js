// A sound when something new waits in the inbox. It is on after a press: browsers play nothing before one.
const button = document.getElementById("sound");
const words = button.querySelector("span");
const sound = new Audio(button.dataset.file);
const waits = () => [...document.querySelectorAll("[data-waits]")].map((one) => one.dataset.waits);

function show(on) {
  button.hidden = false;
  button.setAttribute("aria-pressed", on);
  words.textContent = on ? button.dataset.on : button.dataset.off;
  localStorage.setItem("rapp-sound", on ? "on" : "off");
}

// What the browser does not let sound shows that it is off, so that nobody relies on it.
const play = () => sound.play().catch(() => show(false));

function look() {
  const now = waits();
  const heard = JSON.parse(sessionStorage.getItem("rapp-heard") || "null");
  sessionStorage.setItem("rapp-heard", JSON.stringify(now));
  if (heard && now.some((one) => !heard.includes(one)) && button.getAttribute("aria-pressed") === "true") play();
}

button.addEventListener("click", () => {
  const on = button.getAttribute("aria-pressed") !== "true";
  show(on);
  if (on) play();
});
document.body.addEventListener("htmx:afterSettle", look);
show(localStorage.getItem("rapp-sound") === "on");
look();
