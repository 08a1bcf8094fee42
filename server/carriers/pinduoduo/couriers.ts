import type { CourierNames } from '../../connectors/couriers.ts'

/** The codes (wp_code) of Pinduoduo's e-waybills for our couriers. The numbers for shipping are others: connectors/pinduoduo/couriers.ts. */
export const waybillCodes: CourierNames = {
  SF: 'SF',
  YTO: 'YTO',
  ZTO: 'ZTO',
  STO: 'STO',
  YUNDA: 'YUNDA',
  JTSD: 'JTSD',
  JD: 'JD',
  EMS: 'EMS',
  POSTB: 'YZXB',
  DBKD: 'DB',
  HTKY: 'HT',
  TTKDEX: 'TT',
  UC: 'YS',
  ZJS: 'ZJS',
}
