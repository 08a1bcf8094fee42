/**
 * The hosts of the robots of group chats. Sources: open.dingtalk.com (自定义机器人接入), developer.work.weixin.qq.com/document/path/91770
 * (群机器人配置说明), open.feishu.cn (自定义机器人使用指南).
 */
export const robotHosts = {
  dingtalk: ['oapi.dingtalk.com', 'api.dingtalk.com'],
  wecom: ['qyapi.weixin.qq.com'],
  feishu: ['open.feishu.cn', 'open.larksuite.com'],
} as const
