// Passkeys. Forms with data-passkey are shown where the browser has them; everything else works without this file.
const bytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (b) => btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

if (window.PublicKeyCredential) {
  document.querySelectorAll("form[data-passkey]").forEach(offer);
  document.querySelectorAll("[data-passkey-none]").forEach((p) => { p.hidden = true; });
}

function offer(form) {
  const button = form.querySelector("button[type=submit]"), failed = form.querySelector("[data-passkey-failed]");
  form.hidden = false;
  form.addEventListener("submit", async (e) => {
    if (form.elements.passkey.value) return; // answered: the form goes its way
    e.preventDefault();
    e.stopPropagation(); // nothing was sent yet
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    failed.textContent = "";
    try {
      const question = await ask(form);
      if (!question) return;
      form.elements.passkey.value = JSON.stringify(form.dataset.passkey === "create" ? await make(question) : await use(question));
      form.requestSubmit(button);
    } catch {
      failed.textContent = failed.dataset.passkeyFailed;
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}

// ask gets the question. An answer that is none, such as the page for a fresh factor, is where to go instead.
async function ask(form) {
  const fields = new URLSearchParams(new FormData(form));
  const res = await fetch(form.dataset.options, { method: "POST", body: fields, headers: { Accept: "application/json" } });
  if (res.ok && res.headers.get("Content-Type")?.startsWith("application/json")) return (await res.json()).publicKey;
  if (res.redirected) location.assign(res.url);
  else throw new Error("no question");
}

const known = (list) => (list || []).map((c) => ({ ...c, id: bytes(c.id) }));

async function make(q) {
  const c = await navigator.credentials.create({ publicKey: { ...q, challenge: bytes(q.challenge), user: { ...q.user, id: bytes(q.user.id) }, excludeCredentials: known(q.excludeCredentials) } });
  return answer(c, { attestationObject: text(c.response.attestationObject), transports: c.response.getTransports?.() || [] });
}

async function use(q) {
  const c = await navigator.credentials.get({ publicKey: { ...q, challenge: bytes(q.challenge), allowCredentials: known(q.allowCredentials) } });
  const r = c.response;
  return answer(c, { authenticatorData: text(r.authenticatorData), signature: text(r.signature), ...(r.userHandle && { userHandle: text(r.userHandle) }) });
}

function answer(c, response) {
  return { id: c.id, rawId: text(c.rawId), type: c.type, clientExtensionResults: c.getClientExtensionResults(),
    ...(c.authenticatorAttachment && { authenticatorAttachment: c.authenticatorAttachment }), response: { clientDataJSON: text(c.response.clientDataJSON), ...response } };
}
