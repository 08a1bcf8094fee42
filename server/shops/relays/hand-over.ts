import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import Value from 'typebox/value'
import type { Connector, OAuth, Token, TokenIssue } from '../../connectors/connector.ts'
import type { Send } from '../../connectors/relayed.ts'
import type { Database } from '../../core/db/db.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import { secondMs } from '../../lib/time.ts'
import type { ShopRow } from '../queries.ts'
import { collectAnswers, giveUp, takeBack, writeCall } from './hand-over-queries.ts'
import { type RelayOutcome, type RelayRequest, relayOutcome } from './relay-contract.ts'

/**
 * `beginMs`: a relay that has not taken a call in this time is silent, and the call is not made. `answerMs`: the time for the answer of a call
 * that a relay has taken, which is longer than the relay waits for the platform.
 */
export type RelayTimes = { beginMs: number; answerMs: number }
const usualTimes: RelayTimes = { beginMs: 10 * secondMs, answerMs: 40 * secondMs }
/** Shorter than the claim of a renewal (`renewal-claims.ts`), for which other processes wait. */
const grantTimes: RelayTimes = { beginMs: 3 * secondMs, answerMs: 24 * secondMs }
/** Milliseconds between two looks for answers while a call waits for one. */
const lookMs = 25

type Deps = { db: Database; ring: KeyRing }
type Way = { relayId: string; shopId: string; times: RelayTimes }
type RelayedShop = Pick<ShopRow, 'id' | 'platform' | 'relayId' | 'settings'>

/** How the calls of a shop leave, if they do so through a relay. */
export type Relayed = {
  send: Send
  /** Grants whose secrets the relay has, where the platform has such. */
  exchange: OAuth['exchange']
  refresh: OAuth['refresh']
  issue: TokenIssue['token']
}

/** Undefined: we call the platform of the shop ourselves. */
export function relayedOf(deps: Deps, shop: RelayedShop, times = usualTimes): Relayed | undefined {
  const { id: shopId, relayId, platform } = shop
  if (relayId === null) return undefined
  const withhold = [...shop.settings.withheld]
  const grant = async (request: RelayRequest) =>
    tokenOf(await handOver(deps, { relayId, shopId, times: grantTimes }, request, undefined))
  return {
    async send({ credentials, session, variant, signal }, { method, params, file }) {
      const sent = file && { ...file, bytes: Buffer.from(file.bytes).toString('base64') }
      const outcome = await handOver(
        deps,
        { relayId, shopId, times },
        {
          ...{ kind: 'call', platform, credentials, withhold, session, variant, method },
          ...{ params: { ...params }, file: sent ?? null },
        },
        signal,
      )
      if (outcome.kind === 'answer') return outcome
      throw wrongKind()
    },
    exchange: (credentials, { code, redirectUri }) =>
      grant({ kind: 'exchange', platform, credentials, withhold, code, redirectUri }),
    refresh: (credentials, refreshToken) =>
      grant({ kind: 'refresh', platform, credentials, withhold, refreshToken }),
    issue: (credentials, { refused }) => grant({ kind: 'issue', platform, credentials, withhold, refused }),
  }
}

/** Returns the connector with the grants of the relay in the place of its own. */
export function grantsOf(
  { oauth, issue }: Connector,
  relayed: Relayed | undefined,
): Pick<Connector, 'oauth' | 'issue'> {
  if (!relayed) return { ...(oauth && { oauth }), ...(issue && { issue }) }
  return {
    ...(oauth && { oauth: { ...oauth, exchange: relayed.exchange, refresh: relayed.refresh } }),
    ...(issue && { issue: { ...issue, token: relayed.issue } }),
  }
}

function tokenOf(outcome: RelayOutcome): Token {
  if (outcome.kind !== 'token') throw wrongKind()
  const { expiresAt, refreshExpiresAt, ...rest } = outcome
  return {
    ...rest,
    expiresAt: new Date(expiresAt),
    refreshExpiresAt: refreshExpiresAt === null ? null : new Date(refreshExpiresAt),
  }
}

const wrongKind = () =>
  new PlatformError('retry', 'bad_answer', 'The relay answered with something else.', { unclear: true })

/**
 * Hands a call to a relay and waits for its answer. @throws {PlatformError} that the relay names; `relay_silent` if no relay took it, so that
 * it certainly was not made; `relay_no_answer`, unclear, if one took it.
 */
async function handOver(
  { db, ring }: Deps,
  { relayId, shopId, times: { beginMs, answerMs } }: Way,
  request: RelayRequest,
  signal: AbortSignal | undefined,
): Promise<RelayOutcome> {
  if (signal?.aborted) throw new PlatformError('retry', 'aborted', 'The call was stopped before it was sent.')
  const number = randomUUID()
  const answers = answersOf(db)
  const answer = answers.wait(number)
  try {
    await writeCall(db, {
      ...{ number, relayId, shopId, beginMs },
      request: seal(ring, relayId, JSON.stringify(request)),
    })
    const first = await within(answer, beginMs + secondMs, signal)
    if (!first && (await takeBack(db, number))) throw notTaken(signal)
    const sealed = first ?? (signal?.aborted ? undefined : await within(answer, answerMs, signal))
    if (sealed) return outcomeIn(unseal(ring, relayId, sealed))
    await giveUp(db, number)
    throw new PlatformError(
      'retry',
      signal?.aborted ? 'aborted' : 'relay_no_answer',
      'The relay took the call and gave no answer.',
      { unclear: true },
    )
  } finally {
    answers.forget(number)
  }
}

const notTaken = (signal: AbortSignal | undefined) =>
  signal?.aborted
    ? new PlatformError('retry', 'aborted', 'The call was stopped before it was sent.')
    : new PlatformError('retry', 'relay_silent', 'The relay of the shop does not ask for work.')

function outcomeIn(opened: Buffer): RelayOutcome {
  const outcome: unknown = JSON.parse(opened.toString('utf8'))
  if (!Value.Check(relayOutcome, outcome)) throw wrongKind()
  if (outcome.kind !== 'error') return outcome
  const { errorKind, code, message, unclear, waitMs } = outcome
  throw new PlatformError(errorKind, code, message, { unclear, waitMs })
}

/** Undefined: the time is over, or the signal aborted. */
async function within(
  answer: Promise<Buffer>,
  ms: number,
  signal: AbortSignal | undefined,
): Promise<Buffer | undefined> {
  const over = new AbortController()
  const stop = () => over.abort()
  signal?.addEventListener('abort', stop, { once: true })
  if (signal?.aborted) stop()
  try {
    const timer = sleep(ms, undefined, { signal: over.signal }).catch(() => undefined)
    return await Promise.race([answer, timer])
  } finally {
    signal?.removeEventListener('abort', stop)
    over.abort()
  }
}

type Answers = { wait(number: string): Promise<Buffer>; forget(number: string): void }

/** All calls of a process share one loop that looks for their answers, and only while there are such calls. */
const loops = new WeakMap<Database, Answers>()

function answersOf(db: Database): Answers {
  const known = loops.get(db)
  if (known) return known
  const waiting = new Map<string, (answer: Buffer) => void>()
  let isLooking = false
  const look = async () => {
    isLooking = true
    while (waiting.size > 0) {
      await sleep(lookMs)
      // While the database cannot be reached, the calls wait until their own time is over.
      const found = await collectAnswers(db, [...waiting.keys()]).catch(() => [])
      for (const { number, answer } of found) waiting.get(number)?.(answer)
    }
    isLooking = false
  }
  const answers: Answers = {
    wait(number) {
      const answer = new Promise<Buffer>((settle) => waiting.set(number, settle))
      if (!isLooking) void look()
      return answer
    },
    forget: (number) => void waiting.delete(number),
  }
  loops.set(db, answers)
  return answers
}
