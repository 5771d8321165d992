// The words of the widget's frame. What the assistant says comes from the server, in English.

export interface Strings {
  launcher: string;
  unread: (count: number) => string;
  title: (clinic: string) => string;
  close: string;
  menu: string;
  conversation: string;
  write: string;
  send: string;
  you: string;
  assistant: string;
  suggestions: string;
  sources: string;
  readArticle: string;
  typing: string;
  newMessages: string;
  retry: string;
  notSent: string;
  waiting: string;
  offline: string;
  unreachable: (phone: string) => string;
  connecting: string;
  online: string;
  tooLong: (longest: number) => string;
  transcript: string;
  transcriptFile: string;
  noTranscript: string;
  erase: string;
  eraseQuestion: string;
  eraseYes: string;
  eraseNo: string;
  erased: string;
  notErased: string;
  automated: string;
  emergency: (number: string, line: string) => string;
}

const en: Strings = {
  launcher: "Questions? Chat with us",
  unread: (count) => (count === 1 ? "1 new message" : `${count} new messages`),
  title: (clinic) => (clinic ? `${clinic}: automated assistant` : "Automated assistant"),
  close: "Close the chat",
  menu: "Your conversation",
  conversation: "Conversation",
  write: "Your message",
  send: "Send",
  you: "You said:",
  assistant: "The assistant said:",
  suggestions: "Suggested replies",
  sources: "Source",
  readArticle: "Read the article",
  typing: "The assistant is writing…",
  newMessages: "New messages",
  retry: "Send again",
  notSent: "Not sent.",
  waiting: "Waiting to be sent",
  offline: "You are offline. What you write is sent when you are back.",
  unreachable: (phone) =>
    `The chat can't be reached right now. It keeps trying${phone ? `; you can also call ${phone}` : ""}.`,
  connecting: "Connecting…",
  online: "Connected.",
  tooLong: (longest) => `Please keep it under ${longest} characters.`,
  transcript: "Save this conversation",
  transcriptFile: "conversation.txt",
  noTranscript: "The conversation can't be saved right now. Please try again.",
  erase: "Delete my data",
  eraseQuestion:
    "Delete this conversation, and any enquiry you sent in it? We ask whoever got the enquiry to delete it too. This can't be undone.",
  eraseYes: "Yes, delete it",
  eraseNo: "No, keep it",
  erased: "This conversation was deleted.",
  notErased: "It can't be deleted right now. Please try again.",
  automated: "This is an automated assistant.",
  emergency: (number, line) => `Not for emergencies: call ${number}.${line && ` Unsure? ${line}.`}`,
};

const fr: Strings = {
  launcher: "Des questions? Clavardez avec nous",
  unread: (count) => (count === 1 ? "1 nouveau message" : `${count} nouveaux messages`),
  title: (clinic) => (clinic ? `${clinic} : assistant automatisé` : "Assistant automatisé"),
  close: "Fermer le clavardage",
  menu: "Votre conversation",
  conversation: "Conversation",
  write: "Votre message",
  send: "Envoyer",
  you: "Vous avez dit :",
  assistant: "L'assistant a dit :",
  suggestions: "Réponses suggérées",
  sources: "Source",
  readArticle: "Lire l'article",
  typing: "L'assistant écrit…",
  newMessages: "Nouveaux messages",
  retry: "Renvoyer",
  notSent: "Non envoyé.",
  waiting: "En attente d'envoi",
  offline: "Vous êtes hors ligne. Votre message partira au retour de la connexion.",
  unreachable: (phone) =>
    `Le clavardage est injoignable pour le moment. Nous réessayons${phone ? `; vous pouvez aussi appeler le ${phone}` : ""}.`,
  connecting: "Connexion…",
  online: "Connecté.",
  tooLong: (longest) => `Au plus ${longest} caractères, s'il vous plaît.`,
  transcript: "Enregistrer cette conversation",
  transcriptFile: "conversation.txt",
  noTranscript: "La conversation ne peut pas être enregistrée pour le moment. Veuillez réessayer.",
  erase: "Supprimer mes données",
  eraseQuestion:
    "Supprimer cette conversation et toute demande que vous y avez envoyée? Nous demandons aussi à qui l'a reçue de la supprimer. C'est définitif.",
  eraseYes: "Oui, supprimer",
  eraseNo: "Non, garder",
  erased: "Cette conversation a été supprimée.",
  notErased: "La suppression est impossible pour le moment. Veuillez réessayer.",
  automated: "Ceci est un assistant automatisé; il répond en anglais.",
  emergency: (number, line) => `Pas pour les urgences : composez le ${number}.${line && ` Un doute? ${line}.`}`,
};

/** Is the frame in French for this language tag? The assistant itself answers in English. */
export function isFrench(language: string): boolean {
  return language.toLowerCase().startsWith("fr");
}

/** Returns the words for a language tag such as `fr-CA`; English for any other. */
export function stringsFor(language: string): Strings {
  return isFrench(language) ? fr : en;
}
