import type { Directory } from './directory.ts'
import type { Merchant, MerchantState } from './merchants.ts'

/** Changes the state, if it is one of `from`. Returns false if it is another. */
export async function setState(
  { pool }: Directory,
  key: string,
  from: readonly MerchantState[],
  to: MerchantState,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    'update merchant set state = $3 where key = $1 and state = any($2::text[])',
    [key, from, to],
  )
  return rowCount === 1
}

/** How long a worker process may be silent before others take its merchants. */
const leaseSeconds = 30

/**
 * Takes merchants for a worker process and renews its leases. Every process takes an equal share: one that has more than its share gives
 * some back, so that a new process gets work. Returns the keys that this process has now.
 */
export async function leaseMerchants({ pool }: Directory, worker: string): Promise<string[]> {
  const { rows } = await pool.query<{ share: number }>(
    `with me as (
      insert into merchant_worker (name) values ($1) on conflict (name) do update set seen_at = now() returning name
    ), gone as (
      delete from merchant_worker where seen_at < now() - interval '1 day'
    ), others as (
      select count(*) as n from merchant_worker, me where merchant_worker.name <> me.name and seen_at > now() - make_interval(secs => $2)
    )
    select ceil((select count(*) from merchant where state = 'active')::numeric / (1 + others.n))::int as share from others`,
    [worker, leaseSeconds],
  )
  const held = await pool.query<{ key: string }>(
    `update merchant set worker = $1, lease_until = now() + make_interval(secs => $2) where key in (
      select key from merchant where state = 'active' and (worker = $1 or worker is null or lease_until < now())
      order by worker is distinct from $1, key limit $3 for update skip locked
    ) and (worker = $1 or worker is null or lease_until < now()) returning key`,
    [worker, leaseSeconds, rows[0]?.share ?? 0],
  )
  return held.rows.map(({ key }) => key)
}

/** Gives back merchants that this process has ended to serve. */
export async function releaseMerchants(
  { pool }: Directory,
  worker: string,
  keys: readonly string[],
): Promise<void> {
  if (keys.length === 0) return
  await pool.query(
    'update merchant set worker = null, lease_until = null where worker = $1 and key = any($2::text[])',
    [worker, keys],
  )
}

export async function forgetWorker({ pool }: Directory, worker: string): Promise<void> {
  await pool.query('delete from merchant_worker where name = $1', [worker])
}

/** How long a merchant's work begins within a second after a user's request. */
const awakeSeconds = 60

/** Notes that users of these merchants are there. */
export async function wakeMerchants({ pool }: Directory, keys: readonly string[]): Promise<void> {
  await pool.query(
    'update merchant set awake_until = now() + make_interval(secs => $2) where key = any($1::text[])',
    [keys, awakeSeconds],
  )
}

/** Begins or continues a move from one server to another. Returns false if the merchant is being made, is not there, or moves elsewhere. */
export async function depart(
  { pool }: Directory,
  key: string,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update merchant set after_move = coalesce(after_move, state), state = 'moving', moving_to = $2
    where key = $1 and server = $3 and (state in ('active', 'suspended') or (state = 'moving' and moving_to = $2))`,
    [key, to, from],
  )
  return rowCount === 1
}

/** Ends a move: from now on the merchant is on the new server, in the state from before. Returns false if the move was called off. */
export async function arrive({ pool }: Directory, key: string, to: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `update merchant set server = moving_to, moving_to = null, state = after_move, after_move = null
    where key = $1 and state = 'moving' and moving_to = $2`,
    [key, to],
  )
  return rowCount === 1
}

/** Calls a move off: the merchant has the state from before, on the server where it is. */
export async function stay({ pool }: Directory, { key, server }: Merchant): Promise<void> {
  await pool.query(
    `update merchant set state = after_move, moving_to = null, after_move = null
    where key = $1 and state = 'moving' and server = $2`,
    [key, server],
  )
}

/** Takes a merchant that has no database any more out of the directory. */
export async function forgetMerchant({ pool }: Directory, key: string): Promise<void> {
  await pool.query(`delete from merchant where key = $1 and state in ('making', 'suspended')`, [key])
}
