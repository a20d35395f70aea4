// Passkeys: the browser makes one, or shows one, in answer to a challenge of this server; then the
// form is sent as any other. Where it cannot be done, nothing of it is shown.

const REFUSED = {
  NotAllowedError: "La clé n’a pas répondu, ou vous avez annulé. Recommencez, ou entrez autrement.",
  InvalidStateError: "Cette clé est déjà ajoutée à votre compte.",
  SecurityError: "Cette page n’est pas ouverte à l’adresse de Relance, celle à laquelle les clés sont liées.",
  NotSupportedError: "Cet appareil ne sait pas faire la sorte de clé qu’il faut ici.",
};
const OTHER = "Le serveur n’a pas répondu. Rechargez la page, puis recommencez.";

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
const text = (buffer) => {
  const signs = Array.from(new Uint8Array(buffer), (one) => String.fromCharCode(one)).join("");
  return btoa(signs).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};
const named = (keys) => (keys ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

// What the server asks, its bytes as the browser wants them.
const asked = async (form) => {
  const seal = form.elements.sceau?.value;
  const headers = seal ? { "x-relance-sceau": seal } : {};
  const answer = await fetch(form.dataset.ask, { method: "POST", headers });
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const { offre, publicKey } = await answer.json();
  publicKey.challenge = bytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = bytes(publicKey.user.id);
  publicKey.excludeCredentials = named(publicKey.excludeCredentials);
  publicKey.allowCredentials = named(publicKey.allowCredentials);
  return { offre, publicKey };
};

// What the browser answers, as JSON writes it.
const answered = ({ id, rawId, type, response }) => {
  const said = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) said[name] = text(response[name]);
  }
  return JSON.stringify({ id, rawId: text(rawId), type, response: said });
};

const send = async (form) => {
  const said = form.querySelector("[data-key-said]");
  const button = form.querySelector("button");
  said.parentElement.hidden = true;
  button.disabled = true;
  try {
    const { offre, publicKey } = await asked(form);
    const make = form.dataset.key === "make";
    const key = await navigator.credentials[make ? "create" : "get"]({ publicKey });
    form.elements.offre.value = offre;
    form.elements.reponse.value = answered(key);
    form.submit();
  } catch (error) {
    said.textContent = REFUSED[error.name] ?? OTHER;
    said.parentElement.hidden = false;
    button.disabled = false;
    button.focus();
  }
};

if (window.isSecureContext && window.PublicKeyCredential) {
  for (const one of document.querySelectorAll("[data-without-key]")) one.hidden = true;
  for (const form of document.querySelectorAll("form[data-key]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
  }
  // Come back to by the browser's button: it may be tried again.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll("form[data-key] button")) button.disabled = false;
  });
}
