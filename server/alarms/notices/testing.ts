import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { buildLog } from '../../core/http/http-log.ts'
import { type TestApp, testApp } from '../../testing/app.ts'
import { type NoticeParts, noticeTurn } from './turn.ts'

export type Received = { path: string; headers: IncomingHttpHeaders; text: string }

/** A receiver over real HTTP. `answers`: its next answers, 200 `{}` after the last one. */
export async function receiver() {
  const got: Received[] = []
  const answers: { status: number; text: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    got.push({
      path: request.url ?? '',
      headers: request.headers,
      text: Buffer.concat(chunks).toString('utf8'),
    })
    const { status, text } = answers.shift() ?? { status: 200, text: '{"errcode":0,"code":0}' }
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    got,
    answers,
    url: `http://127.0.0.1:${Object(server.address()).port}`,
    bodies: () => got.map(({ text }) => JSON.parse(text)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** An installation that may send to this machine. */
export const noticeApp = () => testApp({ SIMULATOR: '1', PUBLIC_URL: 'http://localhost:3000' })

export function partsOf({ db, ring }: TestApp, own: Partial<NoticeParts> = {}): NoticeParts {
  const log = buildLog({ logLevel: 'debug' }, 'worker', { write: () => {} })
  return {
    db,
    ring,
    log,
    publicUrl: 'https://sanyi.example.com',
    simulator: true,
    worker: 'one',
    restMs: 0,
    ...own,
  }
}

export const turn = (app: TestApp, own: Partial<NoticeParts> = {}) => noticeTurn(partsOf(app, own))

export const plain = {
  ...{
    name: '值班群',
    kinds: [],
    leastTone: 'warn',
    quiet: null,
    sendsEnd: true,
    language: 'zh',
    enabled: true,
  },
}

/** Adds a channel by the API and returns its id. */
export async function channel(app: TestApp, own: Record<string, unknown>): Promise<string> {
  const boss = await app.as(['tasks.write'])
  const { status, body } = await boss.call('POST', '/api/alarm-channels', { ...plain, ...own })
  if (status !== 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return String(Object(body).id)
}

/** Each of these shops has an alarm of the kind auth_expired, which is severe. */
export async function expiredShops({ db }: TestApp, count: number): Promise<void> {
  await sql`
    insert into shop (platform, variant, name, go_live_at, auth_state, auth_changed_at)
    select ${connectors[0]?.id ?? ''}, '', '店铺 ' || n, '2026-01-01', 'expired', now() - interval '3 minutes' from generate_series(1, ${count}::int) n`.execute(
    db,
  )
}

export const authorised = ({ db }: TestApp) =>
  sql`update shop set auth_state = 'live', created_at = now()`.execute(db)
