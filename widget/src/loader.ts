// The small first file: shows the button that opens the chat, and fetches the rest when somebody wants it.
import { storeName } from "./store.js";
import { stringsFor } from "./strings.js";
import type { ClinicChatPanel } from "./panel.js";

const script = document.currentScript as HTMLScriptElement | null;
const HOME = new URL(".", script?.src ?? document.baseURI).href;
const ATTRIBUTES = ["server", "language", "theme", "corner", "colour", "emergency"] as const;
const STYLE = `
:host { inset-block-end: 1rem; inset-inline-end: 1rem; position: fixed; z-index: 2147483000; }
:host([corner="left"]) { inset-inline: 1rem auto; }
.launcher { align-items: center; background: var(--clinic-chat-colour, #0b5f6b); border: 2px solid transparent; border-radius: 30px;
  box-shadow: 0 3px 14px rgb(0 0 0 / .3); color: var(--clinic-chat-on-colour, #fff); cursor: pointer; display: flex;
  font: 600 1rem/1.2 system-ui, "Segoe UI", Roboto, sans-serif; gap: .5rem; min-height: 52px; padding: .6rem 1.1rem; }
.launcher:focus-visible { outline: 3px solid; outline-color: #0a5560; outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher[hidden] { display: none; }
.badge { background: #b3261e; border-radius: 12px; color: #fff; min-width: 24px; padding: 2px 6px; text-align: center; }
.badge[hidden] { display: none; }
`;

class ClinicChat extends HTMLElement {
  private panel: ClinicChatPanel | undefined;
  private readonly button = document.createElement("button");
  private readonly label = document.createElement("span");
  private readonly badge = document.createElement("span");

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.button.className = "launcher";
    this.button.type = "button";
    this.badge.className = "badge";
    this.badge.setAttribute("aria-hidden", "true");
    this.button.append(this.label, this.badge);
    this.button.addEventListener("click", () => void this.show());
    root.append(this.button);
    this.colours(root);
    this.unread(0);
    // Somebody who has talked before sees whether there is anything new.
    if (hasSession(this.server)) "requestIdleCallback" in window ? requestIdleCallback(() => void this.load()) : void this.load();
  }

  private get server(): string {
    return this.getAttribute("server") ?? HOME;
  }

  private get language(): string {
    return this.getAttribute("language") ?? document.documentElement.lang ?? "en";
  }

  async show(): Promise<void> {
    const panel = await this.load();
    if (!panel) return;
    this.button.hidden = true;
    await panel.show();
  }

  private async load(): Promise<ClinicChatPanel | undefined> {
    if (this.panel) return this.panel;
    try {
      await import(/* @vite-ignore */ new URL("widget-chat.js", HOME).href);
    } catch {
      return undefined; // the network is down: the button stays, and the next click tries again
    }
    this.panel ??= this.made();
    return this.panel;
  }

  private made(): ClinicChatPanel {
    const panel = document.createElement("clinic-chat-panel") as ClinicChatPanel;
    Object.assign(panel, { server: this.server, language: this.language });
    const emergency = this.getAttribute("emergency");
    if (emergency) panel.emergency = emergency;
    panel.setAttribute("theme", this.getAttribute("theme") ?? "auto");
    panel.addEventListener("clinic-chat-close", () => {
      this.button.hidden = false;
      this.button.focus();
    });
    panel.addEventListener("clinic-chat-unread", (event) => this.unread((event as CustomEvent<number>).detail));
    this.shadowRoot?.append(panel);
    return panel;
  }

  private unread(count: number): void {
    const words = stringsFor(this.language);
    this.label.textContent = words.launcher;
    this.badge.textContent = String(count);
    this.badge.hidden = count === 0;
    this.button.setAttribute("aria-label", count ? `${words.launcher}, ${words.unread(count)}` : words.launcher);
  }

  /** Takes the clinic's colour, with black or white on it, whichever can be read better. */
  private colours(root: ShadowRoot): void {
    const colour = this.getAttribute("colour");
    if (!colour || !CSS.supports("color", colour)) return;
    this.style.setProperty("--clinic-chat-colour", colour);
    const probe = document.createElement("span");
    probe.style.color = colour;
    root.append(probe);
    const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
    probe.remove();
    this.style.setProperty("--clinic-chat-on-colour", luminance(red, green, blue) > 0.179 ? "#000" : "#fff");
  }
}

/** Relative luminance as WCAG 2 defines it, 0 to 1, of red, green and blue from 0 to 255. */
function luminance(...channels: number[]): number {
  const [red = 0, green = 0, blue = 0] = channels.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function hasSession(server: string): boolean {
  try {
    return localStorage.getItem(storeName(server)) !== null;
  } catch {
    return false;
  }
}

function place(): void {
  if (document.querySelector("clinic-chat") || !script) return;
  const chat = document.createElement("clinic-chat");
  for (const name of ATTRIBUTES) {
    const value = script.dataset[name];
    if (value) chat.setAttribute(name, value);
  }
  document.body.append(chat);
}

if (!customElements.get("clinic-chat")) customElements.define("clinic-chat", ClinicChat);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", place);
else place();
