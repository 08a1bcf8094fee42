import { request as askPlain, type IncomingMessage } from 'node:http'
import { request as askSafely } from 'node:https'
import { text } from 'node:stream/consumers'
import Value from 'typebox/value'
import { isRecord } from '../../lib/json.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { secondMs } from '../../lib/time.ts'
import { type InstallationAnswer, installationAnswer } from './contract.ts'

/** An installation that takes longer counts as one that does not answer. */
const answerMs = 10 * secondMs

/**
 * `well` without `answer`: the installation is there and lets this watchdog read nothing, because its key has ended or it asks too often.
 * `why`: why the installation is not well.
 */
export type Look =
  | { well: true; answer?: InstallationAnswer; refused?: number }
  | { well: false; why: LocalizedText }

/** Asks the installation with the key of a watchdog. It may hold the question for `holdMs`, and answers at once when a wanted stop begins. */
export async function askInstallation(address: string, key: string, holdMs = 0): Promise<Look> {
  const url = new URL(`${address}/api/watchdog`)
  const options = {
    headers: {
      ...{ authorization: `Bearer ${key}`, accept: 'application/json' },
      ...(holdMs > 0 ? { prefer: `wait=${holdMs / secondMs}` } : {}),
    },
    signal: AbortSignal.timeout(answerMs + holdMs),
    agent: false as const,
  }
  try {
    const asked = url.protocol === 'https:' ? askSafely(url, options) : askPlain(url, options)
    const answer = await new Promise<IncomingMessage>((settle, fail) => {
      asked.once('response', settle).once('error', fail).end()
    })
    return lookOf(answer.statusCode ?? 0, parsed(await text(answer)))
  } catch (error) {
    return { well: false, why: unreachable(error) }
  }
}

function lookOf(status: number, body: unknown): Look {
  if (status === 200 && Value.Check(installationAnswer, body)) return { well: true, answer: body }
  // Only the installation answers in this form: a proxy between it and us has words of its own.
  const isOurs = isRecord(body) && typeof body['code'] === 'string'
  if (isOurs && status >= 400 && status < 500) return { well: true, refused: status }
  const said = isRecord(body) && isOurs ? body : {}
  const [zh, en] = [said['message'], said['messageEn']].map((words) =>
    typeof words === 'string' ? words : '',
  )
  return {
    well: false,
    why: { zh: `答 HTTP ${status} ${zh}`.trim(), en: `it answers HTTP ${status} ${en}`.trim() },
  }
}

function unreachable(error: unknown): LocalizedText {
  const { name, code } = Object(error)
  if (name === 'AbortError' || name === 'TimeoutError')
    return { zh: '10 秒没有应答', en: 'no answer within 10 s' }
  const why = typeof code === 'string' ? code : 'error'
  return { zh: `连不上（${why}）`, en: `it cannot be reached (${why})` }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
