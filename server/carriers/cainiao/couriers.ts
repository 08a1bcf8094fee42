import { type CourierNames, couriers } from '../../connectors/couriers.ts'

/** Cainiao's codes (cp_code) of our couriers; 极兔 is not among the codes that we have seen. */
export const cainiaoCodes: CourierNames = {
  SF: 'SF',
  YTO: 'YTO',
  ZTO: 'ZTO',
  STO: 'STO',
  YUNDA: 'YUNDA',
  JD: 'LE04284890',
  EMS: 'EMS',
  POSTB: 'POSTB',
  DBKD: 'DBKD',
  HTKY: 'HTKY',
  TTKDEX: 'TTKDEX',
  UC: 'UC',
  ZJS: 'ZJS',
}

/** Returns our code of a cp_code; undefined: we do not know this courier. */
export const courierOfCode = (cpCode: string): string | undefined =>
  couriers.find(({ code }) => cainiaoCodes[code] === cpCode)?.code
