import type { ParcelAsked, TakenWaybill, WaybillSource } from '../../carriers/carrier.ts'
import { LabelRefused } from '../../carriers/label-refused.ts'
import { PlatformError } from '../../lib/platform-error.ts'

/** Milliseconds for parcels that are taken one by one. The outbox ends the whole action after 40 s, and would lose the numbers in hand. */
const singlyMs = 25_000

/**
 * `silent`: the source did not answer, so it may have given a number that never came. `given`: the number that it gave without a label; it must
 * go back.
 */
type RefusedParcel = {
  key: string
  code: string
  message: string
  silent: boolean
  given?: LabelRefused['given']
}
type Taken = { taken: TakenWaybill[]; refused: RefusedParcel[] }

/**
 * `isPatient`: false after some attempts, when one parcel without an answer must not keep the numbers of the others any longer. `endsLabels`:
 * true after some attempts, when a label that is refused is not asked for again.
 */
type Patience = { isPatient: boolean; endsLabels?: boolean }
const patient: Patience = { isPatient: true }

/**
 * Takes all at once; if the source refuses, one by one, so that a wrong parcel is refused alone. A number that came is never lost with a call
 * that fails after it. `unclear`: of the source. One that gives a number again may have given some in the refused call: its parcels are asked
 * for side by side. With another source the others are refused after a failure, unless it can be asked which numbers it gave.
 */
export async function takeEach(
  parcels: readonly ParcelAsked[],
  take: (parcels: readonly ParcelAsked[]) => Promise<TakenWaybill[]>,
  unclear: WaybillSource['unclear'],
  patience: Patience = patient,
): Promise<Taken> {
  if (parcels.length === 0) return { taken: [], refused: [] }
  const givesAgain = unclear === 'same_number' && parcels.length > 1
  try {
    return { taken: await take(parcels), refused: [] }
  } catch (error) {
    const isEnd = isRefusal(error) || isLabelEnd(error, patience)
    if (!isEnd && !(givesAgain && !patience.isPatient && isSilence(error))) throw error
    if (givesAgain) return takeSingly(parcels, take, { ...patience, wereAsked: true })
    if (parcels.length === 1) return { taken: [], refused: refusedBy(parcels, error) }
  }
  const recovers = unclear !== 'neither'
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
 * the same numbers; it is unclear if some were given (`wereAsked`: perhaps by a call before). When the patience ends and others were answered,
 * a parcel that still fails so that it may pass is refused, and the others have their numbers.
 */
export async function takeSingly(
  parcels: readonly ParcelAsked[],
  take: (parcels: readonly ParcelAsked[]) => Promise<TakenWaybill[]>,
  { wereAsked = false, ...patience }: Patience & { wereAsked?: boolean } = patient,
): Promise<Taken> {
  const all: Taken = { taken: [], refused: [] }
  const ask = async (some: readonly ParcelAsked[]) => {
    const answers = await Promise.allSettled(some.map((parcel) => take([parcel])))
    return answers.flatMap((answer, at) => {
      const parcel = some.slice(at, at + 1)
      if (answer.status === 'fulfilled') all.taken.push(...answer.value)
      else if (isRefusal(answer.reason) || isLabelEnd(answer.reason, patience))
        all.refused.push(...refusedBy(parcel, answer.reason))
      else return [{ parcel, error: answer.reason }]
      return []
    })
  }
  const failed = await ask(parcels)
  const someAnswered = failed.length < parcels.length
  const repeats = someAnswered && failed.every(({ error }) => isSilence(error))
  const left = repeats ? await ask(failed.flatMap(({ parcel }) => parcel)) : failed
  const passing = left.flatMap(({ parcel, error }) => (mayPass(error) ? refusedBy(parcel, error) : []))
  if (!patience.isPatient && someAnswered && passing.length === left.length)
    return { ...all, refused: [...all.refused, ...passing] }
  const [first] = left
  if (first) throw wereAsked || all.taken.length > 0 ? madeUnclear(first.error) : first.error
  return all
}

/** The same failure of an action that has got numbers: it is sent again, also for those that are not wanted any more. */
function madeUnclear(error: unknown): unknown {
  if (!(error instanceof PlatformError) || error.unclear) return error
  const { kind, code, message, waitMs, requestId } = error
  return new PlatformError(kind, code, message, { unclear: true, waitMs, requestId, cause: error })
}

const isSilence = (error: unknown): error is PlatformError => error instanceof PlatformError && error.unclear

/** The source did not answer, or with a failure of its own; it would perhaps answer a later call. */
const mayPass = (error: unknown): error is PlatformError =>
  isSilence(error) || (error instanceof PlatformError && error.kind === 'retry')

const isRefusal = (error: unknown): error is PlatformError =>
  error instanceof PlatformError && error.kind === 'rejected' && !error.unclear

/** The source has given the number, and refuses its label for good. */
const isLabelEnd = (error: unknown, { endsLabels = false }: Patience): error is LabelRefused =>
  endsLabels && error instanceof LabelRefused

const refusedBy = (parcels: readonly ParcelAsked[], error: PlatformError): RefusedParcel[] =>
  parcels.map(({ key }) => {
    const { code, message, unclear } = error
    return error instanceof LabelRefused
      ? { key, code, message, silent: false, given: error.given }
      : { key, code, message, silent: unclear }
  })

/** The same failure for parcels that were not sent any more: the source gave them nothing. */
const unsentBy = ({ kind, code, message }: PlatformError) => new PlatformError(kind, code, message)
