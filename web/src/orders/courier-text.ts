import { couriers } from '../../../server/connectors/couriers.ts'
import type { Say } from '../words.ts'

export function courierText(code: string, say: Say): string {
  const known = couriers.find((courier) => courier.code === code)
  return known ? say(known) : code === '' ? say(['未选', 'None']) : code
}
