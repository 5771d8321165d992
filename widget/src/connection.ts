// The line to the assistant: one session, messages that count once, and whatever was missed when the line was cut.
import { io, type Socket } from "socket.io-client";
import { MessageLog, type Entry, type Pending } from "./log.js";
import { TokenStore, storeName } from "./store.js";

export interface Frame {
  greeting: string;
  emergency: { text: string; numbers: string[] };
  clinic: { name: string; phone: string | null };
  longest: number;
}

interface SessionAnswer extends Frame {
  status: string;
  resumed: boolean;
  token: string;
  seen: number;
  messages: Entry[];
}

interface Receipt {
  status: "taken" | "refused" | "ended" | "no_session";
  seq?: number;
  text?: string;
  again?: boolean;
}

export type LineState = "connecting" | "online" | "offline";

const ANSWER_MS = 10_000;
/** How long the line may be down before anybody is told: a short cut is nobody's business. */
const CUT_MS = 1_500;

export class Connection extends EventTarget {
  readonly log = new MessageLog();
  frame: Frame | undefined;
  state: LineState = "connecting";
  typing = false;
  seen = 0;
  private readonly socket: Socket;
  private readonly store: TokenStore;
  private token: string | null;
  private inSession = false;
  private flushing = false;
  private cut: ReturnType<typeof setTimeout> | undefined;

  constructor(server: string) {
    super();
    this.store = new TokenStore(storeName(server));
    this.token = this.store.get();
    const base = new URL("widget/socket.io", server);
    this.socket = io(base.origin, {
      path: base.pathname,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      withCredentials: false,
      reconnectionDelay: 400,
      reconnectionDelayMax: 5_000,
      timeout: ANSWER_MS,
    });
    this.socket.on("connect", () => void this.begin());
    this.socket.on("disconnect", () => this.lost());
    this.socket.on("connect_error", () => this.lost());
    this.socket.on("user_uttered", (entry: Entry) => this.arrived(entry));
    this.socket.on("bot_uttered", (entry: Entry) => this.arrived(entry));
    this.socket.on("typing", () => this.types(true));
    this.socket.on("turn_end", () => this.types(this.log.open));
    this.socket.on("unread", (content: { seen?: number }) => {
      this.seen = Math.max(this.seen, content?.seen ?? 0);
      this.changed();
    });
    this.socket.on("erased", () => this.forget());
    addEventListener("online", () => this.again());
    addEventListener("offline", () => this.lost());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden && this.inSession) void this.catchUp();
    });
    addEventListener("beforeunload", (event) => {
      if (this.log.pending.some((message) => message.state !== "failed")) event.preventDefault();
    });
  }

  get unread(): number {
    return this.log.after(this.seen);
  }

  /** Sends what the visitor typed, or the payload of the button that they clicked; at once, or when the line is back. */
  send(text: string, payload?: string): void {
    const message: Pending = { id: crypto.randomUUID(), text, state: "waiting" };
    if (payload !== undefined) message.payload = payload;
    this.log.pending.push(message);
    this.changed();
    void this.flush();
  }

  retry(id: string): void {
    const message = this.log.pending.find((pending) => pending.id === id);
    if (!message) return;
    message.state = "waiting";
    this.changed();
    void this.flush();
  }

  /** Tells the server, and with it the other tabs, that everything so far was seen. */
  see(): void {
    if (this.log.last <= this.seen) return;
    this.seen = this.log.last;
    if (this.inSession) this.socket.emit("seen", { seq: this.seen });
    this.changed();
  }

  async transcript(): Promise<string | undefined> {
    const answer = await this.ask<{ status: string; text: string }>("transcript_request", {});
    return answer?.status === "ok" ? answer.text : undefined;
  }

  /** Deletes the conversation on the server and here; returns what the server says of it, or undefined when it could not. */
  async erase(): Promise<string | undefined> {
    const answer = await this.ask<{ status: string; text: string }>("erase_request", {});
    if (answer?.status !== "ok") return undefined;
    this.forget();
    return answer.text;
  }

  private async begin(): Promise<void> {
    if (await this.catchUp()) void this.flush();
    else if (this.socket.connected) setTimeout(() => this.again(), CUT_MS);
  }

  /** Opens the session, or opens it again, and takes in what is new. */
  private async catchUp(): Promise<boolean> {
    const token = this.store.get() ?? this.token;
    const answer = await this.ask<SessionAnswer>("session_request", { token, after: this.log.last });
    if (answer?.status !== "ok") return false;
    if (!answer.resumed && token !== null) this.log.clear(false);
    this.inSession = true;
    this.token = answer.token;
    if (answer.resumed) this.store.set(answer.token);
    this.frame = answer;
    this.seen = answer.resumed ? Math.max(this.seen, answer.seen) : 0;
    this.log.add(answer.messages, true);
    this.typing = this.log.open;
    this.line("online");
    this.dispatchEvent(new Event("history"));
    this.changed();
    return true;
  }

  private async flush(): Promise<void> {
    if (this.flushing) return;
    this.flushing = true;
    try {
      for (let next = this.nextPending(); next && this.inSession; next = this.nextPending()) {
        if (!(await this.deliver(next))) break;
      }
    } finally {
      this.flushing = false;
    }
  }

  private nextPending(): Pending | undefined {
    return this.log.pending.find((message) => message.state === "waiting");
  }

  private async deliver(message: Pending): Promise<boolean> {
    message.state = "sending";
    this.store.set(this.token);
    const { id, text, payload } = message;
    const receipt = await this.ask<Receipt>("user_uttered", payload === undefined ? { id, text } : { id, text, payload });
    if (receipt?.status === "taken") {
      if (receipt.seq !== undefined) this.arrived({ seq: receipt.seq, from: "visitor", id, text });
      this.types(this.log.open);
      return true;
    }
    if (receipt?.status === "refused") {
      Object.assign(message, { state: "failed", problem: receipt.text, again: receipt.again });
      this.changed();
      return true;
    }
    message.state = "waiting";
    this.changed();
    if (receipt === undefined) return this.again(), false;
    if (receipt.status === "ended") this.store.set((this.token = null));
    return this.catchUp();
  }

  /** Asks the server; undefined when no answer comes, because the line is down or the server is. */
  private async ask<Answer>(event: string, content: unknown): Promise<Answer | undefined> {
    if (!this.socket.connected) return undefined;
    try {
      return (await this.socket.timeout(ANSWER_MS).emitWithAck(event, content)) as Answer;
    } catch {
      return undefined; // a time-out, or the line was cut; whoever asks goes on when it is back
    }
  }

  private arrived(entry: Entry): void {
    if (this.log.add([entry])) void this.catchUp();
    this.changed();
  }

  private types(on: boolean): void {
    this.typing = on;
    this.changed();
  }

  /** Connects anew, when the line seems dead or the browser says that it is back. */
  private again(): void {
    if (this.socket.connected) this.socket.disconnect();
    this.lost();
    this.socket.connect();
  }

  private lost(): void {
    this.inSession = false;
    this.typing = false;
    for (const message of this.log.pending) if (message.state === "sending") message.state = "waiting";
    this.cut ??= setTimeout(() => this.line("offline"), CUT_MS);
    this.changed();
  }

  private line(state: LineState): void {
    if (state === "online" || !this.inSession) this.state = state;
    clearTimeout(this.cut);
    this.cut = undefined;
    this.changed();
  }

  private forget(): void {
    this.log.clear(true);
    this.seen = 0;
    this.typing = false;
    this.store.set((this.token = null));
    void this.catchUp();
    this.changed();
  }

  private changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
