import type { LocalizedPair } from '../words.ts'
import type { SkuDetail } from './types.ts'

/** How the pieces of a SKU are scanned at a station. A bundle is scanned by its parts, so the setting of each part counts. */
export const checkings = ['each', 'once', 'serial'] as const
export type Checking = (typeof checkings)[number]

export const checkingLabel: LocalizedPair = ['验货', 'Checking']
export const checkingWords: Record<Checking, LocalizedPair> = {
  each: ['逐件扫', 'Scan each piece'],
  once: ['整单一扫：扫一件，这一单的都算数', 'One scan counts all pieces of the parcel'],
  serial: [
    '逐件扫，再扫串号（SN、IMEI），发货时报给平台',
    'Scan each piece, then its serial number (SN, IMEI)',
  ],
}

export const checkingOf = ({
  scanOnce,
  needsSerial,
}: Pick<SkuDetail, 'scanOnce' | 'needsSerial'>): Checking =>
  needsSerial ? 'serial' : scanOnce ? 'once' : 'each'
