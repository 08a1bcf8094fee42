import fc from 'fast-check'
import { answerKinds } from './desk-answers.ts'
import { aClick, type Command, orderKinds } from './desk-commands.ts'
import { moneyCommand } from './desk-money.ts'
import { numberClicks } from './desk-numbers.ts'
import { parcelKinds } from './desk-parcels.ts'
import { refundCommand } from './desk-refunds.ts'
import { returnKinds } from './desk-returns.ts'

/** The kinds of commands with their frequencies. */
const kinds: readonly fc.WeightedArbitrary<Command>[] = [
  ...orderKinds,
  { weight: 16, arbitrary: refundCommand },
  ...returnKinds,
  ...answerKinds,
  { weight: 8, arbitrary: moneyCommand },
  ...parcelKinds,
]
/** What happens to parcels while they are numbered, labelled, picked and checked. */
const parcelLife: readonly fc.WeightedArbitrary<Command>[] = [
  ...parcelKinds,
  ...([...numberClicks, 'waybill', 'deliver', 'deliverTogether', 'merge', 'unmerge'] as const).map(aClick),
  ...(['hold', 'unhold', 'unhold', 'ship', 'unship', 'unrelease', 'void', 'restore'] as const).map(aClick),
  { weight: 8, arbitrary: refundCommand },
  { weight: 4, arbitrary: fc.constant({ do: 'jobs' as const }) },
]
const aLane = (some: readonly fc.WeightedArbitrary<Command>[], minLength: number) =>
  fc.array(fc.oneof(...some), { minLength, maxLength: minLength + 6 })
const hands = { minLength: 2, maxLength: 4 }

/** Several lanes of commands: of all kinds, of parcels only, or of a few kinds, which then conflict more often. */
export const lanes: fc.Arbitrary<Command[][]> = fc.oneof(
  { weight: 2, arbitrary: fc.array(aLane(kinds, 4), hands) },
  { weight: 1, arbitrary: fc.array(aLane(parcelLife, 5), hands) },
  {
    weight: 2,
    arbitrary: fc
      .uniqueArray(fc.nat({ max: kinds.length - 1 }), { minLength: 4, maxLength: 8 })
      .chain((chosen) =>
        fc.array(
          aLane(
            chosen.flatMap((at) => kinds[at] ?? []),
            5,
          ),
          hands,
        ),
      ),
  },
)
