import type { OrderEvent } from '../orders/types.ts'
import { nearTime } from '../ui/base/time.ts'
import type { Step } from '../ui/overlay/drawer.tsx'
import type { LocalizedPair, Say } from '../words.ts'
import type { DeliveryRow } from './types.ts'

type StepName = 'number' | 'print' | 'check' | 'weigh'
type Facts = Pick<
  DeliveryRow,
  | 'workState'
  | 'waybillNo'
  | 'shipSteps'
  | 'printedAt'
  | 'printedBy'
  | 'printCount'
  | 'checkedAt'
  | 'checkedBy'
  | 'weighedAt'
  | 'weighedBy'
>

const names: readonly StepName[] = ['number', 'print', 'check', 'weigh']
const words: Record<StepName, LocalizedPair> = {
  number: ['取号', 'Number'],
  print: ['打印', 'Label'],
  check: ['验货', 'Checked'],
  weigh: ['称重', 'Weighed'],
}

/**
 * Returns the steps of a delivery between its release and its shipping, with person and time. A step that the warehouse does not ask for,
 * and that was not done, is left out.
 */
export function deliverySteps(row: Facts, events: readonly OrderEvent[], say: Say): Step[] {
  const at = names.indexOf(row.workState as StepName)
  return names.flatMap((name, index): Step[] => {
    const done = doneOf(name, row, events)
    if (done) return [{ words: say(words[name]), state: 'done', ...timeOf(done) }]
    if (row.workState === name) return [{ words: say(words[name]), state: 'now' }]
    const isAhead = at >= 0 && index > at && row.shipSteps.includes(name)
    return isAhead ? [{ words: say(words[name]), state: 'ahead' }] : []
  })
}

type Done = { at: string | null; by: string | null }
const timeOf = ({ at, by }: Done) => ({ ...(at ? { at: nearTime(at) } : {}), ...(by ? { by } : {}) })

function doneOf(name: StepName, row: Facts, events: readonly OrderEvent[]): Done | undefined {
  switch (name) {
    case 'number': {
      if (row.waybillNo === '') return undefined
      const [last] = events
        .filter(({ event }) => event === 'number_asked' || event === 'waybill')
        .toSorted((one, other) => other.at.localeCompare(one.at))
      return { at: last?.at ?? null, by: last?.actorName ?? null }
    }
    case 'print':
      return row.printedAt === null ? undefined : { at: row.printedAt, by: row.printedBy }
    case 'check':
      return row.checkedAt === null ? undefined : { at: row.checkedAt, by: row.checkedBy }
    case 'weigh':
      return row.weighedAt === null ? undefined : { at: row.weighedAt, by: row.weighedBy }
  }
}

/** Returns the step of the write-back after shipping; none for an order of which nothing is written back. */
export function writeBackStep(
  { writeBack, status }: Pick<DeliveryRow, 'writeBack' | 'status'>,
  events: readonly OrderEvent[],
  say: Say,
): Step[] {
  if (writeBack === 'none' || status === 'cancelled') return []
  const done = events.findLast(({ event }) => /^write_back_(done|forced|manual)$/.test(event))
  const step = say(['回写', 'Write-back'])
  if (done && (writeBack === 'done' || writeBack === 'forced' || writeBack === 'manual'))
    return [{ words: step, state: 'done', at: nearTime(done.at), by: done.actorName }]
  if (status === 'shipped') return [{ words: step, state: 'now' }]
  return [
    {
      words: step,
      state: 'ahead',
      at: say(['发货后', 'after shipping']),
      by: say(['自动', 'automatically']),
    },
  ]
}
