import pg from 'pg'

/** Bounds the connections of one process to one server, whose databases have a pool each. */
export type Budget = {
  /** The most connections. */
  most: number
  /** For a pool of this server. `lingerMs`: for how long a pooler keeps a connection after its client's is closed. */
  join(lingerMs: number): Membership
  /** Does work that opens one connection outside of a pool. */
  within<T>(work: () => Promise<T>): Promise<T>
  /** Connections that are open, being opened, or closed so lately that a pooler still has them. */
  used(): number
}

export type Membership = {
  /** The class with which the pool makes its connections. */
  Client: new () => pg.ClientBase
  /** Lets others have connections of the pool. */
  share(pool: pg.Pool): void
  leave(): void
}

/** A connection that others wait for is kept for this time at least. A new one loads the catalogue first, so it should serve more than one statement. */
const sliceMs = 300
/** Between two looks for unused connections, while somebody waits for one. */
const lookMs = 100

type Member = {
  pool: pg.Pool | undefined
  lingerMs: number
  /** Closings of unused connections that the pool has not begun. */
  asked: number
  /** When a connection was last given back to the pool, by `performance.now()`. */
  releasedAt: number
}

type Shared = {
  most: number
  used: number
  members: Set<Member>
  waiting: (() => void)[]
  /** Connections that are being closed because somebody waits. */
  closing: Set<pg.ClientBase>
  timer: NodeJS.Timeout | undefined
}

/**
 * Makes the budget of one server. Whoever wants one more connection than it has waits in turn. Meanwhile connections of others that are not
 * used are closed, the longest unused ones first, and those in use when their present work ends.
 */
export function createBudget(most: number): Budget {
  const shared: Shared = {
    ...{ most, used: 0, members: new Set(), waiting: [], closing: new Set() },
    timer: undefined,
  }
  return {
    most,
    used: () => shared.used,
    join(lingerMs) {
      const member: Member = { pool: undefined, lingerMs, asked: 0, releasedAt: performance.now() }
      return {
        Client: clientOf(shared, member),
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
 * How many connections should be closed for those who wait. A pool may wait for its own: a request waits for the very connection that was
 * to be made for it, also while another of the pool has become free.
 */
function wantedOf({ waiting, closing, members }: Shared): number {
  return waiting.length - closing.size - [...members].reduce((sum, { asked }) => sum + asked, 0)
}

/** Closes unused connections while somebody waits. */
function look(shared: Shared): void {
  const since = performance.now() - sliceMs
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

function closeUnused({ closing }: Shared, member: Member): void {
  member.asked += 1
  // The pool has an unused connection only while nobody waits in it, so this makes none.
  member.pool?.connect((error, client, release) => {
    member.asked -= 1
    if (error || !client) return
    closing.add(client)
    release(true)
  })
}

/** Decides, whenever a connection is given back to its pool, whether it is closed for others. */
function giveBackWhenWanted(shared: Shared, member: Member, pool: pg.Pool): void {
  const openedAt = new WeakMap<pg.ClientBase, number>()
  pool.on('connect', (client) => openedAt.set(client, performance.now()))
  pool.on('release', (_error, client) => {
    const now = performance.now()
    member.releasedAt = now
    const isOld = now - (openedAt.get(client) ?? 0) >= sliceMs
    const isWanted = isOld && !shared.closing.has(client) && wantedOf(shared) > 0
    if (isWanted) shared.closing.add(client)
    // The pool reads this after the event, and closes a connection with as many uses.
    pool.options.maxUses = isWanted ? 1 : Number.POSITIVE_INFINITY
  })
}

type Connected = (error: Error | null, client?: pg.Client) => void

function clientOf(shared: Shared, member: Member): new () => pg.ClientBase {
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
        const end = () => {
          shared.closing.delete(this)
          free(shared)
        }
        if (member.lingerMs > 0) setTimeout(end, member.lingerMs).unref()
        else end()
      })
      return super.connect()
    }
  }
}
