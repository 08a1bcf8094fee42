import type { Trade } from '../connector.ts'
import { type CourierCode, courierOfCode } from '../couriers.ts'
import { type Doubts, type Fields, fieldsAt, fieldsIn, listAt, longest, note, textAt } from '../fields.ts'
import { companyCodes } from './couriers.ts'

/**
 * Reads the courier and the service that the platform promised the buyer. `asdp_ads` (物流服务, of a trade and of its logistics_agreement): 201 to the
 * door, 202 by 顺丰. A line with `biz_delivery_type` 2 must go with a courier of its `white_delivery_cps`; 1 is advice, 3 a black list, and
 * both are not read. Promises that leave no courier that we know become a doubt.
 */
export function promisesOf(fields: Fields, doubts: Doubts): Pick<Trade, 'designated' | 'toDoor'> {
  const agreement = fieldsAt(fields, 'logistics_agreement')
  const services = [fields, agreement].flatMap((of) => wordsOf(textAt(of, 'asdp_ads', longest.name)))
  const lists = fieldsIn(listAt(fields, 'logistics_infos', 'logistics_info'), 'logistics_infos', doubts)
    .filter((line) => textAt(line, 'biz_delivery_type', 4) === '2')
    .map((line) => wordsOf(textAt(line, 'white_delivery_cps', longest.text)))
  const allowed = [
    ...(services.includes('202') ? [['SF' as const]] : []),
    ...lists.map((codes) => codes.flatMap((code) => courierOfCode(companyCodes, code) ?? [])),
  ]
  const designated = allowed.reduce<readonly CourierCode[] | undefined>(
    (both, some) => (both ? both.filter((one) => some.includes(one)) : [...new Set(some)]),
    undefined,
  )
  if (designated?.length === 0) note(doubts, 'white_delivery_cps', lists.flat().join())
  return {
    ...(designated && designated.length > 0 ? { designated } : {}),
    ...(services.includes('201') ? { toDoor: true } : {}),
  }
}

const wordsOf = (text: string): string[] => text.split(/[\s,;"[\]]+/).filter(Boolean)
