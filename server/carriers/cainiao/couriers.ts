import type { CourierNames } from '../../connectors/couriers.ts'

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
  ZTOKY: '3108002701_1011',
  YDKY: 'CN7000001021040',
  ANE: '2608021499_235',
  DBKY: 'CN7000001009020',
  SXJD: 'CP471906',
}
