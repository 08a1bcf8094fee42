import type { CourierNames } from '../couriers.ts'

/**
 * Not verified: a careful guess until a real shop has answered. Codes of `common.getExpressCompanyList`, which is to be asked for on a real shop. Those of couriers that are missing
 * here were found nowhere. Goods and e-waybills have the same.
 */
export const companyCodes: CourierNames = {
  SF: 'shunfeng',
  YTO: 'yuantong',
  ZTO: 'zto',
  STO: 'shentong',
  YUNDA: 'yunda',
  JTSD: 'jtexpress',
  JD: 'jd',
  EMS: 'ems',
  POSTB: 'youzhengguonei',
  DBKD: 'debangwuliu',
  EYB: 'youzhengbiaokuai',
  DN: 'danniao',
}
