"use strict";
// `/` puts the cursor into the search field.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.querySelector(".find input").focus();
});
// What a page follows is asked for until it has changed; then the page is loaded anew.
const followed = document.querySelector("[data-follow]");
if (followed) {
  const look = async () => {
    try {
      const answer = await fetch(followed.dataset.follow, { headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (told.state !== followed.dataset.state) return location.reload();
      const words = followed.querySelector("[data-words]");
      if (words && told.words) words.textContent = told.words;
    } catch {
      // the server is gone for the moment; the next look tells
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 700);
}
