// The panel: what the visitor sees and does. It is loaded when the chat is opened for the first time.
import { LitElement, html, nothing, svg, type TemplateResult } from "lit";
import { live } from "lit/directives/live.js";
import { repeat } from "lit/directives/repeat.js";
import { Connection } from "./connection.js";
import type { Citation, Entry, Pending, QuickReply } from "./log.js";
import { isFrench, stringsFor, type Strings } from "./strings.js";
import { styles } from "./styles.js";
import { pieces, safeLink, withNumbers, type Piece } from "./text.js";

const ICONS = {
  close: svg`<path d="M6 6l12 12M18 6L6 18"/>`,
  menu: svg`<path d="M5 7h14M5 12h14M5 17h14"/>`,
  down: svg`<path d="M12 5v14M6 13l6 6 6-6"/>`,
  send: svg`<path d="M12 19V5M6 11l6-6 6 6"/>`,
};
const FULL_SCREEN = "(max-width: 480px), (max-height: 420px)";
const GAP = 8;
/** Pixels from the end of the conversation within which somebody still reads it. */
const NEAR_END = 40;
const LONGEST = 1000;

function icon(name: keyof typeof ICONS): TemplateResult {
  return html`<svg viewBox="0 0 24 24" aria-hidden="true">${ICONS[name]}</svg>`;
}

/** A piece of text, as a link that calls where it is a number. */
function call(piece: Piece): string | TemplateResult {
  return piece.href ? html`<a href=${piece.href}>${piece.text}</a>` : piece.text;
}

/** The same, as a link to another page. */
function visit(piece: Piece): string | TemplateResult {
  return piece.href ? html`<a href=${piece.href} target="_blank" rel="noopener noreferrer">${piece.text}</a>` : piece.text;
}

export class ClinicChatPanel extends LitElement {
  static override styles = styles;
  static override properties = {
    server: {},
    language: {},
    emergency: {},
    open: { type: Boolean, reflect: true },
    full: { type: Boolean, reflect: true },
    draft: { state: true },
    menu: { state: true },
    asking: { state: true },
    notice: { state: true },
    announced: { state: true },
    behind: { state: true },
  };

  declare server: string;
  declare language: string;
  declare emergency: string;
  declare open: boolean;
  declare full: boolean;
  declare draft: string;
  declare menu: boolean;
  declare asking: boolean;
  declare notice: string;
  declare announced: boolean;
  declare behind: boolean;
  private line: Connection | undefined;
  private clicked = new Set<string>();
  private readonly wide = matchMedia(FULL_SCREEN);
  /** Where a finger types, the cursor in the input would bring up a keyboard over the answer. */
  private readonly byTouch = matchMedia("(pointer: coarse)");

  constructor() {
    super();
    Object.assign(this, { server: "", language: "en", emergency: "911", open: false, full: false, draft: "", notice: "" });
    Object.assign(this, { menu: false, asking: false, announced: false, behind: false });
  }

  private get words(): Strings {
    return stringsFor(this.language);
  }

  /** What is dialled in an emergency, when in doubt, and in a crisis, as far as the server has told. */
  private get numbers(): string[] {
    return this.line?.frame?.emergency.numbers ?? [this.emergency];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.line ??= this.connect();
    this.full = this.wide.matches;
    this.wide.addEventListener("change", () => (this.full = this.wide.matches));
    const seen = window.visualViewport;
    seen?.addEventListener("resize", () => this.style.setProperty("--clinic-chat-height", `${seen.height}px`));
    document.addEventListener("visibilitychange", () => this.read());
  }

  private connect(): Connection {
    const line = new Connection(this.server);
    line.addEventListener("change", () => {
      this.requestUpdate();
      void this.updateComplete.then(() => this.follow());
      this.dispatchEvent(new CustomEvent("clinic-chat-unread", { detail: line.unread }));
    });
    // What was said before is shown, but not read out again.
    line.addEventListener("history", () => {
      void this.updateComplete.then(() => requestAnimationFrame(() => (this.announced = true)));
    });
    return line;
  }

  /** Shows the panel and puts the cursor where one types. */
  async show(): Promise<void> {
    this.open = true;
    await this.updateComplete;
    if (this.byTouch.matches) this.renderRoot.querySelector<HTMLElement>(".panel")?.focus();
    else this.textarea?.focus();
    this.toEnd();
    this.read();
  }

  private hide(): void {
    this.open = false;
    this.menu = this.asking = false;
    this.dispatchEvent(new CustomEvent("clinic-chat-close"));
  }

  private get textarea(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  private get scroller(): HTMLElement | null {
    return this.renderRoot.querySelector(".log");
  }

  private get atEnd(): boolean {
    const log = this.scroller;
    return !log || log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
  }

  private follow(): void {
    if (!this.behind) this.toAnswer();
    this.read();
  }

  /** Shows an answer from its beginning: a long one must not be read from its end. */
  private toAnswer(): void {
    const log = this.scroller;
    const asked = log && [...log.querySelectorAll(".visitor")].pop();
    if (!asked) return this.toEnd();
    const end = log.scrollHeight - log.clientHeight;
    const start = log.scrollTop + asked.getBoundingClientRect().top - log.getBoundingClientRect().top;
    log.scrollTop = Math.min(end, start - GAP);
    this.behind = !this.atEnd;
  }

  private toEnd(): void {
    const log = this.scroller;
    if (log) log.scrollTop = log.scrollHeight;
    this.behind = false;
  }

  private onward(): void {
    this.toEnd();
    this.scroller?.focus();
  }

  private read(): void {
    if (this.open && !document.hidden) this.line?.see();
  }

  private scrolled(): void {
    this.behind = !this.atEnd;
    this.read();
  }

  protected override render(): TemplateResult | typeof nothing {
    const line = this.line;
    if (!this.open || !line) return nothing;
    const clinic = line.frame?.clinic.name ?? "";
    return html`<section
      class="panel"
      tabindex="-1"
      role="dialog"
      aria-modal=${this.full ? "true" : "false"}
      aria-labelledby="title"
      @keydown=${this.key}
    >
      <div class="head">
        <h2 id="title">${this.words.title(clinic)}</h2>
        <button
          type="button"
          aria-label=${this.words.menu}
          aria-expanded=${this.menu ? "true" : "false"}
          @click=${() => this.toMenu(!this.menu)}
        >
          ${icon("menu")}
        </button>
        <button type="button" aria-label=${this.words.close} @click=${this.hide}>${icon("close")}</button>
      </div>
      ${this.emergencyLine(line)} ${this.banner(line)} ${this.menu ? this.menuPart() : nothing}
      <div
        class="log"
        role="log"
        tabindex="0"
        aria-label=${this.words.conversation}
        aria-live=${this.announced ? "polite" : "off"}
        @scroll=${this.scrolled}
      >
        ${this.greeting(line)}
        ${repeat(
          line.log.entries,
          (entry) => entry.id,
          (entry) => this.entry(entry, line.log.entries),
        )}
        ${repeat(
          line.log.pending,
          (message) => message.id,
          (message) => this.pendingPart(message),
        )}
      </div>
      ${this.behind
        ? html`<button type="button" class="new" aria-label=${this.words.newMessages} @click=${this.onward}>
            ${icon("down")}
          </button>`
        : nothing}
      <p class="status" role="status">${line.typing ? this.words.typing : this.notice}</p>
      ${this.form(line)}
    </section>`;
  }

  private emergencyLine(line: Connection): TemplateResult {
    const [number = this.emergency, health = ""] = this.numbers;
    const text = (!isFrench(this.language) && line.frame?.emergency.text) || this.words.emergency(number, health);
    return html`<p class="emergency" dir="auto">
      ${withNumbers(text, this.numbers).map(call)}
    </p>`;
  }

  private banner(line: Connection): TemplateResult | typeof nothing {
    if (line.state === "online") return nothing;
    const words = this.words;
    const unreachable = navigator.onLine ? words.unreachable(line.frame?.clinic.phone ?? "") : words.offline;
    return html`<p class="banner" role="status">${line.state === "connecting" ? words.connecting : unreachable}</p>`;
  }

  private menuPart(): TemplateResult {
    const words = this.words;
    return html`<div class="menu" role="group" aria-label=${words.menu}>
      ${this.asking
        ? html`<p id="question">${words.eraseQuestion}</p>
            <button type="button" class="confirm" aria-describedby="question" @click=${this.erase}>${words.eraseYes}</button>
            <button type="button" class="confirm" @click=${() => this.toMenu(false)}>${words.eraseNo}</button>`
        : html`<button type="button" @click=${this.save}>${words.transcript}</button>
            <button type="button" @click=${() => this.toMenu(true, true)}>${words.erase}</button>`}
    </div>`;
  }

  /** Opens or closes the menu, or its question, and takes the keyboard along. */
  private toMenu(open: boolean, asking = false): void {
    this.menu = open;
    this.asking = asking;
    void this.updateComplete.then(() => {
      const target = open ? ".menu button" : ".head button";
      this.renderRoot.querySelector<HTMLElement>(target)?.focus();
    });
  }

  private greeting(line: Connection): TemplateResult {
    const text = [isFrench(this.language) || !line.frame ? this.words.automated : "", line.frame?.greeting].filter(Boolean).join("\n\n");
    return html`<div class="message assistant">
      <span class="hidden">${this.words.assistant}</span>
      <p class="text" dir="auto">${text}</p>
    </div>`;
  }

  private entry(entry: Entry, all: Entry[]): TemplateResult {
    const isVisitor = entry.from === "visitor";
    const kinds = `message ${isVisitor ? "visitor" : "assistant"} ${entry.kind === "urgent" ? "urgent" : ""}`;
    return html`<div class=${kinds}>
      <span class="hidden">${isVisitor ? this.words.you : this.words.assistant}</span>
      <p class="text" dir="auto">${isVisitor ? entry.text : this.linked(entry.text)}</p>
      ${isVisitor ? nothing : this.sources(entry.citations ?? [])}
      ${isVisitor ? nothing : this.replies(entry, all)}
    </div>`;
  }

  private linked(text: string): (string | TemplateResult)[] {
    return pieces(text).flatMap((piece) => (piece.href ? visit(piece) : withNumbers(piece.text, this.numbers).map(call)));
  }

  private sources(citations: Citation[]): TemplateResult | typeof nothing {
    if (!citations.length) return nothing;
    return html`<details>
      <summary>${this.words.sources} [${citations.map((_, index) => index + 1).join(", ")}]</summary>
      <ol aria-label=${this.words.sources}>
        ${citations.map((citation) => {
          const href = safeLink(citation.url);
          const link = href ? html` ${visit({ text: this.words.readArticle, href })}` : nothing;
          return html`<li dir="auto">${citation.section}${link}</li>`;
        })}
      </ol>
    </details>`;
  }

  private replies(entry: Entry, all: Entry[]): TemplateResult | typeof nothing {
    const replies = entry.quick_replies ?? [];
    if (!replies.length) return nothing;
    const isSpent = this.isAnswered(entry, all);
    return html`<div class="replies" role="group" aria-label=${this.words.suggestions}>
      ${replies.map((reply) => {
        const key = `${entry.id} ${reply.payload}`;
        return html`<button
          type="button"
          dir="auto"
          aria-disabled=${isSpent ? "true" : "false"}
          aria-pressed=${this.clicked.has(key) ? "true" : nothing}
          @click=${() => isSpent || this.choose(key, reply)}
        >
          ${reply.title}
        </button>`;
      })}
    </div>`;
  }

  /** Has the visitor said anything since? Then its buttons are spent. */
  private isAnswered(entry: Entry, all: Entry[]): boolean {
    const later = all.slice(all.indexOf(entry) + 1).some((other) => other.from === "visitor");
    return later || Boolean(this.line?.log.pending.some((message) => message.state !== "failed"));
  }

  private choose(key: string, reply: QuickReply): void {
    this.clicked.add(key);
    this.say(reply.title, reply.payload);
    if (!this.byTouch.matches) this.textarea?.focus();
  }

  private pendingPart(message: Pending): TemplateResult {
    const words = this.words;
    const failed = message.state === "failed";
    const isStuck = failed || this.line?.state !== "online";
    return html`<div class="message visitor">
      <span class="hidden">${words.you}</span>
      <p class="text" dir="auto">${message.text}</p>
      ${failed
        ? html`<p class="note problem" role="alert">${message.problem || words.notSent}</p>
            ${message.again
              ? html`<button type="button" class="retry" @click=${() => this.line?.retry(message.id)}>${words.retry}</button>`
              : nothing}`
        : isStuck
          ? html`<p class="note">${words.waiting}</p>`
          : nothing}
    </div>`;
  }

  private form(line: Connection): TemplateResult {
    const longest = line.frame?.longest ?? LONGEST;
    const isLong = this.draft.length > longest;
    return html`${isLong ? html`<p class="status problem" role="alert" id="long">${this.words.tooLong(longest)}</p>` : nothing}
      <form @submit=${this.submit}>
        <label class="hidden" for="draft">${this.words.write}</label>
        <textarea
          id="draft"
          rows="1"
          autocomplete="off"
          enterkeyhint="send"
          placeholder=${this.words.write}
          aria-invalid=${isLong ? "true" : "false"}
          aria-describedby=${isLong ? "long" : nothing}
          .value=${live(this.draft)}
          @input=${(event: Event) => (this.draft = (event.target as HTMLTextAreaElement).value)}
          @keydown=${this.enter}
        ></textarea>
        <button class="send" aria-label=${this.words.send}>${icon("send")}</button>
      </form>`;
  }

  private enter(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit(event);
  }

  private submit(event: Event): void {
    event.preventDefault();
    const text = this.draft.trim();
    if (!text || text.length > (this.line?.frame?.longest ?? LONGEST)) return;
    this.draft = "";
    this.say(text);
  }

  private say(text: string, payload?: string): void {
    this.notice = "";
    this.behind = false;
    this.line?.send(text, payload);
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      if (this.menu) this.toMenu(false);
      else this.hide();
    }
    if (event.key === "Tab" && this.full) this.trap(event);
  }

  /** On a phone the panel covers the page, and the tab key must not leave it. */
  private trap(event: KeyboardEvent): void {
    const stops = [...this.renderRoot.querySelectorAll<HTMLElement>("a[href], button, summary, textarea, [tabindex='0']")];
    const seen = stops.filter((stop) => stop.checkVisibility());
    const edge = event.shiftKey ? seen[0] : seen[seen.length - 1];
    if ((this.renderRoot as ShadowRoot).activeElement !== edge) return;
    event.preventDefault();
    (event.shiftKey ? seen[seen.length - 1] : seen[0])?.focus();
  }

  private async save(): Promise<void> {
    const text = await this.line?.transcript();
    this.toMenu(false);
    if (text === undefined) {
      this.notice = this.words.noTranscript;
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = this.words.transcriptFile;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  private async erase(): Promise<void> {
    const said = await this.line?.erase();
    this.menu = this.asking = false;
    this.clicked.clear();
    this.notice = said === undefined ? this.words.notErased : said || this.words.erased;
    this.textarea?.focus();
  }
}

customElements.define("clinic-chat-panel", ClinicChatPanel);
