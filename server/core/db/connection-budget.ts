import pg from 'pg'
import type { OpenDatabase } from './db.ts'

type ConnectionPool = OpenDatabase['pool']

/** Bounds the connections of one process to one server, whose databases have a pool each. */
export type Budget = {
  /** For a pool of this server. `lingerMs`: for how long a pooler keeps a connection after its client's is closed. */
  join(lingerMs: number): Membership
  /** Does work that opens one connection outside of a pool. */
  within<T>(work: () => Promise<T>): Promise<T>
  /** Connections that are open, being opened, or closed so lately that a pooler still has them. */
  used(): number
}

export type Membership = {
  /** The class of the connections that a member makes. */
  Client: new () => pg.ClientBase
  /** Lets others have connections of this member. */
  share(pool: ConnectionPool): void
  leave(): void
}

/**
 * A connection that others wait for is kept for this time at least, and for so many times as long as it takes to open one. A new one loads the
 * catalogue first, so it should serve more than one statement. On a machine that is too busy, a fixed time would be over before the first
 * statement is, and all would be spent on opening.
 */
const sliceMs = 300
const sliceOpenings = 10
const longestSliceMs = 10_000
/** Between two looks for unused connections, while a member waits for one. */
const lookMs = 100

type Member = {
  pool: ConnectionPool | undefined
  /** Closings of unused connections that have not begun. */
  asked: number
  /** When it last gave a connection back, by `performance.now()`. */
  releasedAt: number
}

type Shared = {
  most: number
  used: number
  members: Set<Member>
  waiting: (() => void)[]
  /** Connections that are being closed because a member waits. */
  closing: Set<pg.ClientBase>
  /** These are never among the closing ones, since nothing would take them out, and who waits would count on them for ever. */
  ended: WeakSet<pg.ClientBase>
  /** How long opening a connection took lately: a moving average. */
  openingMs: number
  timer: NodeJS.Timeout | undefined
}

/**
 * Makes the budget of one server: at most so many connections. A member that wants one more connection than there is room for waits in
 * turn. Meanwhile connections of others that are not used are closed, the longest unused ones first, and those in use when their present work
 * ends.
 */
export function createBudget(most: number): Budget {
  const shared: Shared = {
    ...{ most, used: 0, members: new Set(), waiting: [], closing: new Set(), ended: new WeakSet() },
    openingMs: 0,
    timer: undefined,
  }
  return {
    used: () => shared.used,
    join(lingerMs) {
      const member: Member = { pool: undefined, asked: 0, releasedAt: performance.now() }
      return {
        Client: clientOf(shared, lingerMs),
        share(pool) {
          member.pool = pool
          shared.members.add(member)
          giveBackWhenWanted(shared, member, pool)
        },
        leave: () => void shared.members.delete(member),
      }
    },
    async within(work) {
      await take(shared)
      try {
        return await work()
      } finally {
        free(shared)
      }
    },
  }
}

const sliceOf = ({ openingMs }: Shared) =>
  Math.min(longestSliceMs, Math.max(sliceMs, sliceOpenings * openingMs))

async function take(shared: Shared): Promise<void> {
  if (shared.used < shared.most) shared.used += 1
  else
    await new Promise<void>((go) => {
      shared.waiting.push(go)
      look(shared)
    })
}

function free(shared: Shared): void {
  const next = shared.waiting.shift()
  if (next) next()
  else shared.used -= 1
}

/**
 * How many connections should be closed for those that wait. A pool may wait for its own: a request waits for the very connection that was
 * to be made for it, also while another one of its own has become free.
 */
function wantedOf({ waiting, closing, members }: Shared): number {
  return waiting.length - closing.size - [...members].reduce((sum, { asked }) => sum + asked, 0)
}

/** Closes unused connections while a member waits. */
function look(shared: Shared): void {
  const since = performance.now() - sliceOf(shared)
  const unused = [...shared.members].filter(({ releasedAt }) => releasedAt < since)
  for (const member of unused.sort((one, other) => one.releasedAt - other.releasedAt)) {
    const count = Math.min(member.pool?.idleCount ?? 0, wantedOf(shared))
    for (let at = 0; at < count; at += 1) closeUnused(shared, member)
  }
  shared.timer ??= setTimeout(() => {
    shared.timer = undefined
    if (shared.waiting.length > 0) look(shared)
  }, lookMs)
}

function closeUnused({ closing, ended }: Shared, member: Member): void {
  member.asked += 1
  // A connection is unused only while no request of its own waits, so this makes none.
  member.pool?.connect((error, client, release) => {
    member.asked -= 1
    if (error || !client) return
    if (!ended.has(client)) closing.add(client)
    release(true)
  })
}

/** Decides, whenever a connection is given back, whether it is closed for others. */
function giveBackWhenWanted(shared: Shared, member: Member, pool: ConnectionPool): void {
  const openedAt = new WeakMap<pg.ClientBase, number>()
  pool.on('connect', (client) => openedAt.set(client, performance.now()))
  pool.on('release', (_error, client) => {
    const now = performance.now()
    member.releasedAt = now
    const isOld = now - (openedAt.get(client) ?? 0) >= sliceOf(shared)
    const isOpen = !shared.ended.has(client) && !shared.closing.has(client)
    const isWanted = isOld && isOpen && wantedOf(shared) > 0
    if (isWanted) shared.closing.add(client)
    // This is read after the event, and closes a connection with as many uses.
    pool.options.maxUses = isWanted ? 1 : Number.POSITIVE_INFINITY
  })
}

type Connected = (error: Error | null, client?: pg.Client) => void

function clientOf(shared: Shared, lingerMs: number): new () => pg.ClientBase {
  return class extends pg.Client {
    override connect(): Promise<pg.Client>
    override connect(callback: Connected): void
    override connect(callback?: Connected): Promise<pg.Client> | undefined {
      const connecting = this.#connect()
      if (!callback) return connecting
      connecting.then((client) => callback(null, client), callback)
      return undefined
    }

    async #connect(): Promise<pg.Client> {
      await take(shared)
      // The server has left the connection when this comes.
      this.on('end', () => {
        shared.ended.add(this)
        const end = () => {
          shared.closing.delete(this)
          free(shared)
        }
        if (lingerMs > 0) setTimeout(end, lingerMs).unref()
        else end()
      })
      const began = performance.now()
      const client = await super.connect()
      const ms = performance.now() - began
      shared.openingMs = shared.openingMs === 0 ? ms : (7 * shared.openingMs + ms) / 8
      return client
    }
  }
}
