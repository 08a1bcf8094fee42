import type { CourierNames } from '../couriers.ts'

/** Codes of order/logisticsCompanyList, which other clients of the platform use; not compared with an answer of a real shop. */
export const companyCodes: CourierNames = {
  SF: 'shunfeng',
  YTO: 'yuantong',
  ZTO: 'zhongtong',
  STO: 'shentong',
  YUNDA: 'yunda',
  JTSD: 'jtexpress',
  JD: 'jd',
  EMS: 'ems',
  POSTB: 'youzhengguonei',
  DBKD: 'debangwuliu',
  HTKY: 'huitongkuaidi',
  UC: 'youshuwuliu',
  ZJS: 'zhaijisong',
  EYB: 'yzdsbk',
  DN: 'danniao',
  FENGWANG: 'fengwang',
  ZYKD: 'zhongyouex',
  KYE: 'kuayue',
  ZTOKY: 'zhongtongkuaiyun',
  YDKY: 'yundakuaiyun',
  SFKY: 'shunfengkuaiyun',
  ANE: 'annengwuliu',
  DBKY: 'debangkuaiyun',
  SXJD: 'sxjdfreight',
}
