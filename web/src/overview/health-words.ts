import type { HealthArea } from '../../../server/overview/health/contract.ts'
import type { LocalizedPair } from '../words.ts'

export const healthAreaWords: Readonly<Record<HealthArea, LocalizedPair>> = {
  program: ['版本', 'Version'],
  database: ['数据库', 'Database'],
  migrations: ['数据库升级', 'Migrations'],
  keys: ['密钥文件', 'Key file'],
  disk: ['磁盘', 'Disk'],
  certificate: ['证书', 'Certificate'],
  clock: ['时钟', 'Clock'],
  processes: ['进程', 'Processes'],
  backup: ['备份', 'Backup'],
  channels: ['告警通知', 'Alarm notices'],
  watchdogs: ['看门狗', 'Watchdogs'],
  tokens: ['授权和密钥', 'Tokens, keys'],
  downloads: ['下载', 'Downloads'],
  actions: ['平台回写', 'Write-backs'],
  alarms: ['其他告警', 'Other alarms'],
}
