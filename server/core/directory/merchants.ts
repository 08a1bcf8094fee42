import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { sql } from 'kysely'
import { type Directory, openText, sealText } from './directory.ts'

export type MerchantState = 'making' | 'active' | 'suspended' | 'moving'

export type Merchant = {
  key: string
  state: MerchantState
  server: string
  /** Another one once the server has another address. */
  addressPrint: string
  movingTo: string | null
  /** The state that it has after its move. */
  afterMove: MerchantState | null
  hosts: string[]
  worker: string | null
  /** True while users are there, so that its work begins within a second. */
  awake: boolean
  /** Sealed passwords. */
  secret: Buffer
}

export type Server = { name: string; ownerUrl: string; pooler: string | null }

type Passwords = { owner: string; application: string }

const columns = `key, state, server, (select md5(owner_url) || ' ' || coalesce(pooler, '') from merchant_server s where s.name = merchant.server) as "addressPrint",
  moving_to as "movingTo", after_move as "afterMove", worker, awake_until > now() as awake, secret,
  array(select host from merchant_host h where h.merchant = merchant.key order by host) as hosts`

export async function listMerchants({ pool }: Directory): Promise<Merchant[]> {
  return (await pool.query<Merchant>(`select ${columns} from merchant order by key`)).rows
}

export async function merchantOf({ pool }: Directory, key: string): Promise<Merchant> {
  const { rows } = await pool.query<Merchant>(`select ${columns} from merchant where key = $1`, [key])
  const [found] = rows
  if (!found) throw new Error(`没有商家 ${key} · There is no merchant ${key}`)
  return found
}

type SealedServer = { name: string; sealed: Buffer; pooler: string | null }

const serverColumns = 'name, owner_url as sealed, pooler'

function openServer(directory: Directory, { name, sealed, pooler }: SealedServer): Server {
  return { name, ownerUrl: openText(directory, `server ${name}`, sealed), pooler }
}

export async function listServers(directory: Directory): Promise<Server[]> {
  const { rows } = await directory.pool.query<SealedServer>(
    `select ${serverColumns} from merchant_server order by name`,
  )
  return rows.map((row) => openServer(directory, row))
}

export async function serverOf(directory: Directory, name: string): Promise<Server> {
  const { rows } = await directory.pool.query<SealedServer>(
    `select ${serverColumns} from merchant_server where name = $1`,
    [name],
  )
  const [found] = rows
  if (!found) throw new Error(`没有服务器 ${name} · There is no server ${name}`)
  return openServer(directory, found)
}

/** Adds a server, or changes its address. */
export async function putServer(directory: Directory, { name, ownerUrl, pooler }: Server): Promise<void> {
  await directory.pool.query(
    `insert into merchant_server (name, owner_url, pooler) values ($1, $2, $3)
    on conflict (name) do update set owner_url = excluded.owner_url, pooler = excluded.pooler`,
    [name, sealText(directory, `server ${name}`, ownerUrl), pooler],
  )
}

/** Enters a merchant that is being made. A merchant whose making was interrupted is entered already, and keeps its passwords. */
export async function enterMerchant(
  directory: Directory,
  { key, server, hosts }: { key: string; server: string; hosts: readonly string[] },
): Promise<Merchant> {
  const passwords: Passwords = { owner: newPassword(), application: newPassword() }
  const secret = sealText(directory, `merchant ${key}`, JSON.stringify(passwords))
  await directory.pool.query(
    `with made as (
      insert into merchant (key, state, server, secret) values ($1, 'making', $2, $3) on conflict (key) do nothing
    )
    select 1`,
    [key, server, secret],
  )
  const merchant = await merchantOf(directory, key)
  if (merchant.state !== 'making' || merchant.server !== server)
    throw new Error(
      `商家 ${key} 已有,在 ${merchant.server} · Merchant ${key} exists already, on ${merchant.server}`,
    )
  await putHosts(directory, key, hosts)
  return merchantOf(directory, key)
}

/** Gives a merchant these host names and no others. Throws, and changes nothing, if another merchant has one of them. */
export async function putHosts({ db }: Directory, key: string, hosts: readonly string[]): Promise<void> {
  const names = hosts.map((host) => host.toLowerCase())
  await db.transaction().execute(async (tx) => {
    // Until the end no other command gives a host name away. The processes read the table meanwhile.
    await sql`lock table merchant_host in share row exclusive mode`.execute(tx)
    const { rows } = await sql<{ host: string; merchant: string }>`
      select host, merchant from merchant_host where host = any(${names}::text[]) and merchant <> ${key}
      order by host limit 1`.execute(tx)
    const [taken] = rows
    if (taken)
      throw new Error(
        `${taken.host} 已属于 ${taken.merchant} · ${taken.host} belongs to ${taken.merchant} already`,
      )
    await sql`delete from merchant_host where merchant = ${key} and host <> all(${names}::text[])`.execute(tx)
    await sql`
      insert into merchant_host (host, merchant) select host, ${key}::text from unnest(${names}::text[]) host
      on conflict (host) do nothing`.execute(tx)
  })
}

const newPassword = () => randomBytes(24).toString('base64url')

export const passwordsOf = (directory: Directory, { key, secret }: Merchant): Passwords =>
  JSON.parse(openText(directory, `merchant ${key}`, secret))

export const databaseOf = (key: string) => `sanyi_${key}`
/** Owns the database and its tables; only commands sign in with it. */
export const ownerRoleOf = (key: string) => `sanyi_${key}_owner`
/** The role of web and workers. */
export const applicationRoleOf = (key: string) => `sanyi_${key}`

export const keyPathOf = ({ keysFolder }: Directory, key: string) => join(keysFolder, key, 'sealing.json')

/** For commands: the owner of the merchant's tables, at the server itself. */
export function ownerUrlOf(directory: Directory, merchant: Merchant, server: Server): string {
  const url = new URL(server.ownerUrl)
  url.username = ownerRoleOf(merchant.key)
  url.password = passwordsOf(directory, merchant).owner
  url.pathname = `/${databaseOf(merchant.key)}`
  return url.href
}

/** For web and workers, through the server's pooler if it has one. */
export function applicationUrlOf(directory: Directory, merchant: Merchant, server: Server): string {
  const url = new URL(ownerUrlOf(directory, merchant, server))
  url.username = applicationRoleOf(merchant.key)
  url.password = passwordsOf(directory, merchant).application
  if (server.pooler !== null) {
    url.host = server.pooler
    url.searchParams.set('pooler', 'transaction')
  }
  return url.href
}

/** The address of a merchant's pages: that of the process with the merchant's first host name. */
export function publicUrlOf(publicUrl: string, { key, hosts }: Merchant): string {
  const [host] = hosts
  if (host === undefined) throw new Error(`商家 ${key} 没有域名 · Merchant ${key} has no host name`)
  const url = new URL(publicUrl)
  url.hostname = host
  return url.origin
}
