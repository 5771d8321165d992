// The one thing that the page keeps: the token of the session, shared by the visitor's tabs.

/** Keeps a token under a name; where the browser allows no storage, as long as the page is open. */
export class TokenStore {
  private inMemory: string | null = null;

  constructor(private readonly name: string) {}

  get(): string | null {
    try {
      return localStorage.getItem(this.name) ?? this.inMemory;
    } catch {
      return this.inMemory;
    }
  }

  set(token: string | null): void {
    this.inMemory = token;
    try {
      if (token === null) localStorage.removeItem(this.name);
      else localStorage.setItem(this.name, token);
    } catch {
      // Storage is blocked or full: the session then ends with the page.
    }
  }
}

/** Returns the name under which the token of a server is kept. */
export function storeName(server: string): string {
  return `clinic-chat ${server}`;
}
