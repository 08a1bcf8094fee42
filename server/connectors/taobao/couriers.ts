import type { CourierNames } from '../couriers.ts'

/** TOP's company codes. The authority is taobao.logistics.companies.get; its list differs slightly between applications. */
export const companyCodes: CourierNames = {
  SF: 'SF',
  YTO: 'YTO',
  ZTO: 'ZTO',
  STO: 'STO',
  YUNDA: 'YUNDA',
  JTSD: 'JTSD',
  JD: 'JD',
  EMS: 'EMS',
  POSTB: 'POSTB',
  DBKD: 'DBKD',
  HTKY: 'HTKY',
  TTKDEX: 'TTKDEX',
  UC: 'UC',
  ZJS: 'ZJS',
}
