import type { LocalizedPair } from '../words.ts'
import type { DeliveryRow } from './types.ts'

/** Says of a delivery without a waybill why it has none: beside the state of its row, and in place of the number. */
export function noNumberWords(row: Pick<DeliveryRow, 'numberState' | 'numberRefusal'>): LocalizedPair {
  if (row.numberState === 'failed') return ['取号失败', 'No number was given']
  if (row.numberState === 'asked') return ['取号中…', 'Taking a number…']
  return row.numberRefusal ? ['取不了号', 'Cannot get a number'] : ['待取号', 'No number']
}
