import type { ParcelAsked, TakenWaybill } from '../../carriers/carrier.ts'
import { PlatformError } from '../../lib/platform-error.ts'

/** Milliseconds for parcels that are taken one by one. The outbox ends the whole action after 40 s, and would lose the numbers in hand. */
const singlyMs = 25_000

/** `silent`: the source did not answer, so it may have given a number that never came. */
type RefusedParcel = { key: string; code: string; message: string; silent: boolean }
type Taken = { taken: TakenWaybill[]; refused: RefusedParcel[] }

/**
 * Takes all at once; if the source refuses, one by one, so that a wrong parcel is refused alone. A number that came is never lost with a call
 * that fails after it: the others are then refused. `recovers`: after an unclear call the numbers are got again by repeating.
 */
export async function takeEach(
  parcels: readonly ParcelAsked[],
  take: (parcels: readonly ParcelAsked[]) => Promise<TakenWaybill[]>,
  recovers: boolean,
): Promise<Taken> {
  if (parcels.length === 0) return { taken: [], refused: [] }
  try {
    return { taken: await take(parcels), refused: [] }
  } catch (error) {
    if (!isRefusal(error)) throw error
    if (parcels.length === 1) return { taken: [], refused: refusedBy(parcels, error) }
  }
  const enough = AbortSignal.timeout(singlyMs)
  const all: Taken = { taken: [], refused: [] }
  for (const [at, parcel] of parcels.entries()) {
    try {
      if (enough.aborted) throw new PlatformError('retry', 'unreachable', 'The source is slow.')
      all.taken.push(...(await take([parcel])))
    } catch (error) {
      if (isRefusal(error)) all.refused.push(...refusedBy([parcel], error))
      else if (all.taken.length === 0 || !(error instanceof PlatformError) || (error.unclear && recovers))
        throw error
      else {
        const unsent = parcels.slice(at + 1)
        return {
          ...all,
          refused: [...all.refused, ...refusedBy([parcel], error), ...refusedBy(unsent, unsentBy(error))],
        }
      }
    }
  }
  return all
}

/**
 * Takes each parcel by a call of its own, all at once: the limiter spaces the calls. Only for a source that gives a repeated request its number
 * again: a call without an answer is repeated once, if others were answered. Any other failure is that of all, since a later repetition gets
 * the same numbers.
 */
export async function takeSingly(
  parcels: readonly ParcelAsked[],
  take: (parcels: readonly ParcelAsked[]) => Promise<TakenWaybill[]>,
): Promise<Taken> {
  const all: Taken = { taken: [], refused: [] }
  const ask = async (some: readonly ParcelAsked[]) => {
    const answers = await Promise.allSettled(some.map((parcel) => take([parcel])))
    return answers.flatMap((answer, at) => {
      const parcel = some.slice(at, at + 1)
      if (answer.status === 'fulfilled') all.taken.push(...answer.value)
      else if (isRefusal(answer.reason)) all.refused.push(...refusedBy(parcel, answer.reason))
      else return [{ parcel, error: answer.reason }]
      return []
    })
  }
  const failed = await ask(parcels)
  const isAnswered = failed.length < parcels.length && failed.every(({ error }) => isSilence(error))
  const [first] = isAnswered ? await ask(failed.flatMap(({ parcel }) => parcel)) : failed
  if (first) throw first.error
  return all
}

const isSilence = (error: unknown) => error instanceof PlatformError && error.unclear
const isRefusal = (error: unknown): error is PlatformError =>
  error instanceof PlatformError && error.kind === 'rejected' && !error.unclear

const refusedBy = (parcels: readonly ParcelAsked[], { code, message, unclear }: PlatformError) =>
  parcels.map(({ key }) => ({ key, code, message, silent: unclear }))

/** The same failure for parcels that were not sent any more: the source gave them nothing. */
const unsentBy = ({ kind, code, message }: PlatformError) => new PlatformError(kind, code, message)
