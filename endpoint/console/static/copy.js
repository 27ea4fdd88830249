// Copies the text of the page. Without scripts a click in it marks all of it.
const text = document.getElementById("journal");
const button = document.getElementById("copy");
const print = document.getElementById("print");

button.hidden = print.hidden = false;
print.addEventListener("click", () => window.print());
button.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.querySelector("span").textContent = button.dataset.done;
  } catch {
    getSelection().selectAllChildren(text);
  }
});
