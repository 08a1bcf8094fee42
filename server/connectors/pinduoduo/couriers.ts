import type { CourierNames } from '../couriers.ts'

/** POP's logistics_id of our couriers, from pdd.logistics.companies.get. */
export const companyIds: CourierNames = {
  SF: '44',
  YTO: '85',
  ZTO: '115',
  STO: '1',
  YUNDA: '121',
  JTSD: '384',
  JD: '120',
  EMS: '118',
  POSTB: '132',
  DBKD: '131',
  HTKY: '3',
  TTKDEX: '119',
  UC: '117',
  ZJS: '129',
}

/** POP's own codes of our couriers, for waybills (wp_code) and traces (company_code). Shipping has numbers instead. */
export const companyCodes: CourierNames = {
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
