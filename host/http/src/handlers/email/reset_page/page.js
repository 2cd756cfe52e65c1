
"use strict";
const form = document.getElementById("form");
const field = document.getElementById("password");
const button = form.querySelector("button");
const message = document.getElementById("message");
const token = new URLSearchParams(location.search).get("token");
const say = (text) => { message.textContent = text; };
if (token) { form.hidden = false; field.focus(); } else { say("This link is incomplete."); }
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  say("");
  try {
    const answer = await fetch(location.pathname, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, new_password: field.value }),
    });
    const body = await answer.json();
    if (answer.ok) {
      form.hidden = true;
      say("Your new password is set. You can now log in with it.");
    } else {
      say(typeof body.detail === "string" ? body.detail : "This password can't be used.");
    }
  } catch {
    say("The server could not be reached. Please try again.");
  }
  button.disabled = false;
});
