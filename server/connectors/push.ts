import type { Call } from './connector.ts'

/**
 * The messages that a platform sends by itself. A message is a hint that shortens the wait: the document that it names is fetched, and nothing else of
 * the message is used. The caller keeps connections, stores messages before it acknowledges them, and removes doubles.
 */
export type PushSource = {
  /** The app's key on the platform. Shops of one app share a channel. */
  appKey(credentials: Credentials): string
} & (SocketSource | PostSource | DoorSource)

/** The platform answers connections that we open, and sends the messages of shops for which we asked it. */
type SocketSource = {
  socket: PushSocket
  /** Asks the platform to send the messages of this shop. A repetition must change nothing. */
  permit(call: Call): Promise<void>
  /** Where the platform can also write rows into a database of the seller's. A shop that has entered one gets its messages from there. */
  rows?: RowSource
}

/** Rows of trades and refunds that the platform writes into a database, which we read. Each version of a row is a message. */
export type RowSource = {
  /** Where the rows are; undefined: the seller entered no database. */
  place(credentials: Credentials): RowPlace | undefined
  tables: readonly RowTable[]
}

export type RowPlace = { host: string; port: number; schema: string; user: string; password: string }

export type RowTable = {
  name: string
  /** The column with the number of the trade or refund, which orders rows of one time. */
  key: string
  /** The column with the time at which the platform wrote the row. */
  written: string
  /** The other columns of which the message is made. Facts of people are not among them: a message is a hint. */
  columns: readonly string[]
  /** Two versions of a row have different ids. Never throws. */
  message(row: Row): PushedMessage
}

/** A row with its values as text; null: empty. */
export type Row = Readonly<Record<string, string | null>>

/** The platform posts messages to an address that the seller or the app's owner has entered in its console. */
type PostSource = {
  readPost(credentials: Credentials, posted: Posted): PostAnswer
  /** The platform sends each message once: the lists find one that was lost. */
  once?: true
  /** No message names a refund: the lists find them. */
  tradesOnly?: true
}

/** The shop posts whole documents to our API (`Connector.posted`). Each one that is stored is a message. */
type DoorSource = { documents: true }

/** The path to which the documents of a shop are posted, before /trades and /refunds. */
export const doorPath = (shopId: string) => `/api/malls/${shopId}`

/** The path to which the messages of an app are posted. */
export const postPath = (platform: string, appKey: string) =>
  `/api/push/${platform}/${encodeURIComponent(appKey)}`

/** The channel of an app. Shops whose platform writes rows for them share the database. Undefined: it has none. */
export function channelName(platform: string, push: PushSource, app: Credentials): string | undefined {
  const place = 'socket' in push ? push.rows?.place(app) : undefined
  if (place) return `${platform}:rds:${place.host}:${place.port}/${place.schema}`
  const key = push.appKey(app)
  return key === '' ? undefined : `${platform}:${key}`
}

/** True for a channel of rows. */
export const isOfRows = ({ channel, platform }: { channel: string; platform: string }) =>
  channel.startsWith(`${platform}:rds:`)

/** A request to our address. A platform may test the address by GET. */
export type Posted = {
  query: Readonly<Record<string, string>>
  headers: Readonly<Record<string, string>>
  /** Empty for GET. */
  body: string
}

/**
 * `forged`: it has no proof that the platform sent it. `taken`: `reply` is sent once the messages are stored; a test of the address has
 * no messages. `tested`: a test of the address without proof, which is answered and shows nothing. No function throws, also for malformed requests.
 */
export type PostAnswer =
  | { kind: 'forged' }
  | { kind: 'tested'; reply: string }
  | { kind: 'taken'; messages: readonly PushedMessage[]; reply: string }

type Credentials = Readonly<Record<string, string>>

export type PushSocket = {
  /** The milliseconds between two of our own frames (`beat`). */
  beatMs: number
  /** Begins a connection. Every connection needs a new session, because the login contains the time. */
  session(credentials: Credentials, now: Date): PushSession
}

export type Frame = string | Uint8Array

/** The state of one connection. No function throws, also for malformed frames. */
export type PushSession = {
  /** The address, with the login where the platform wants it there: it may be secret. */
  url: string
  /** The first frame; undefined: the address is the login, and the connection is ready once it is open. */
  hello?: Frame
  read(frame: Frame, now: Date): PushEvent
  beat(now: Date): Frame
}

/**
 * `ready`: the platform accepted the login. `refused`: it did not; `code` is the platform's. `sign`: a frame without content. `unreadable`:
 * a frame that cannot be read or has no number, and so cannot be acknowledged.
 */
export type PushEvent =
  | { kind: 'ready' }
  | { kind: 'refused'; code: string }
  | { kind: 'message'; message: PushedMessage; acknowledge: (now: Date) => Frame }
  | { kind: 'sign' }
  | { kind: 'unreadable'; reason: string }

/** One message. */
export type PushedMessage = {
  /** Unique within the channel. A message that comes twice has the same id. */
  id: string
  topic: string
  /** The names of the shop on the platform; one of them is its `ShopIdentity.platformShopId`. */
  shops: readonly string[]
  hint: PushHint
  /** The whole message as it was received. */
  raw: string
}

export type PushHint =
  | { kind: 'trade'; tid: string }
  | { kind: 'refund'; refundId: string; tid: string }
  | { kind: 'other' }
