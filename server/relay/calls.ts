import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { PlatformError } from '../lib/platform-error.ts'
import { minuteMs, secondMs } from '../lib/time.ts'
import {
  answersAnswer,
  type RelayOutcome,
  type RelayRequest,
  relayOutcome,
  relayRequest,
} from '../shops/relays/relay-contract.ts'
import { type AskCore, isNeverTaken } from './core-client.ts'
import type { Kept } from './kept.ts'
import { notMade, outcomeOf } from './make.ts'

/** What the relay remembers of a call: that it was begun, then its outcome. */
const callNote = Type.Union([Type.Literal('begun'), relayOutcome])
export type CallNote = Static<typeof callNote>
export const isCallNote = (value: unknown): value is CallNote => Value.Check(callNote, value)

/** The calls of a newer core may have requests that this version cannot read. */
const callsAnswer = Type.Object({
  heldMs: Type.Number(),
  calls: Type.Array(Type.Object({ number: Type.String(), leftMs: Type.Number(), request: Type.Unknown() })),
})
type HandedCall = Static<typeof callsAnswer>['calls'][number]

/** The longest time for which the core holds a request for work, and the network beside. */
const askMs = 25 * secondMs
/** A number that the core has an answer to is remembered for this time, because an older hand-over of it may still be on its way. */
const settledMs = 5 * minuteMs
/** The most answers, and characters of them, that are reported together. */
const mostReported = 20
const mostText = 8_000_000
/** The most characters of answers that wait for the core. Beyond them a call is answered as unclear, without its text. */
const mostWaitingText = 128_000_000

export type CallParts = {
  ask: AskCore
  /** Names the folder of `kept`: the core gives a call to one memory only. */
  memory: string
  kept: Kept<CallNote>
  /** Never rejects. */
  make(request: RelayRequest): Promise<RelayOutcome>
  /** Called when the disk fails, or the core does not take an answer. */
  onTrouble(error: unknown): void
}

/** Makes each call at most once, by its number, and reports its outcome until the core has it. */
export function callKeeper({ ask, memory, kept, make, onTrouble }: CallParts) {
  const running = new Map<string, Promise<void>>()
  const ready = new Set<string>()
  const settled = new Map<string, number>()
  let most = mostReported
  const bell = aBell()
  const answered = async (number: string, outcome: RelayOutcome) => {
    // Without the disk the answer is still in memory, and after a restart the call is unclear.
    await kept.keep(number, fitting(outcome, kept.entries)).catch(onTrouble)
    ready.add(number)
    bell.ring()
  }
  // A call that was begun before this start may have had its effect.
  for (const [number, note] of kept.entries)
    if (note === 'begun') void answered(number, brokenOff())
    else ready.add(number)

  const begin = async ({ number, request }: HandedCall, until: number) => {
    if (!Value.Check(relayRequest, request))
      return answered(
        number,
        notMade('retry', 'relay_old', 'This version of the relay cannot read the call.'),
      )
    try {
      await kept.keep(number, 'begun')
    } catch (error) {
      onTrouble(error)
      return answered(number, notMade('retry', 'relay_full', 'The relay cannot write to its disk.'))
    }
    // Writing to the disk takes its time too.
    const isLate = performance.now() > until
    await answered(number, isLate ? tooLate() : await make(request))
  }
  const take = (call: HandedCall, until: number) => {
    const { number } = call
    if (running.has(number) || kept.entries.has(number) || settled.has(number)) return
    const work = performance.now() > until ? answered(number, tooLate()) : begin(call, until)
    const ended = work.finally(() => running.delete(number))
    running.set(number, ended)
  }
  return {
    /** Asks the core for calls once, and begins them. Rejects if the core cannot be reached. */
    async fetch(signal: AbortSignal): Promise<void> {
      const began = performance.now()
      const timed = AbortSignal.any([signal, AbortSignal.timeout(askMs)])
      const { heldMs, calls } = await ask('/api/relay/calls', { memory }, callsAnswer, timed)
      const now = performance.now()
      // The answer may have been as long on its way as the whole request, less the time for which the core held it.
      const networkMs = Math.max(0, now - began - heldMs)
      for (const call of calls) take(call, now + call.leftMs - networkMs)
    },
    /** Reports answers to the core, and waits for one if there is none. Rejects if the core cannot be reached. */
    async report(signal: AbortSignal): Promise<void> {
      if (ready.size === 0) await bell.untilRung(signal)
      if (ready.size === 0) return
      const answers = firstOf(ready, kept.entries, most)
      try {
        await ask('/api/relay/answers', { answers }, answersAnswer, signal)
        most = mostReported
      } catch (error) {
        if (!isNeverTaken(error)) throw error
        // One that the core cannot take must not keep back those after it. Without an answer its call is unclear.
        most = 1
        if (answers.length > 1) return
        onTrouble(error)
      }
      const now = performance.now()
      for (const [number, at] of settled) if (now - at > settledMs) settled.delete(number)
      const numbers = answers.map(({ number }) => number)
      for (const number of numbers) {
        settled.set(number, now)
        ready.delete(number)
      }
      kept.forget(numbers)
    },
    /** Waits for the calls that have begun. */
    async settled(): Promise<void> {
      await Promise.all(running.values())
    },
  }
}

/** Wakes one waiter, who also wakes when the signal aborts. */
function aBell() {
  let wake = () => {}
  return {
    ring: () => wake(),
    untilRung: (signal: AbortSignal) =>
      new Promise<void>((settle) => {
        wake = () => {
          signal.removeEventListener('abort', wake)
          settle()
        }
        signal.addEventListener('abort', wake)
      }),
  }
}

const brokenOff = () =>
  outcomeOf(
    new PlatformError('retry', 'relay_broken_off', 'The relay ended during the call.', { unclear: true }),
  )
const tooLate = () => notMade('retry', 'relay_too_late', 'The call reached the relay too late.')

const sizeOf = (note: CallNote) => (note !== 'begun' && note.kind === 'answer' ? note.text.length : 0)

function fitting(outcome: RelayOutcome, entries: ReadonlyMap<string, CallNote>): RelayOutcome {
  const waiting = [...entries.values()].reduce((sum, note) => sum + sizeOf(note), 0)
  return waiting + sizeOf(outcome) > mostWaitingText ? brokenOff() : outcome
}

function firstOf(ready: ReadonlySet<string>, entries: ReadonlyMap<string, CallNote>, most: number) {
  const answers: { number: string; outcome: string }[] = []
  let text = 0
  for (const number of ready) {
    const outcome = entries.get(number)
    if (outcome === undefined || outcome === 'begun') continue
    text += sizeOf(outcome)
    if (answers.length > 0 && (text > mostText || answers.length === most)) break
    answers.push({ number, outcome: Buffer.from(JSON.stringify(outcome)).toString('base64') })
  }
  return answers
}
