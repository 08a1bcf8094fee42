-- Shopify has no list of couriers: the company of a parcel is free text, so it has the name by which its buyer knows the courier.

insert into courier_code (courier, system, code) values
  ('SF', 'shopify', '顺丰速运'), ('YTO', 'shopify', '圆通速递'), ('ZTO', 'shopify', '中通快递'), ('STO', 'shopify', '申通快递'), ('YUNDA', 'shopify', '韵达快递'),
  ('JTSD', 'shopify', '极兔速递'), ('JD', 'shopify', '京东快递'), ('EMS', 'shopify', 'EMS'), ('POSTB', 'shopify', '邮政快递包裹'), ('DBKD', 'shopify', '德邦快递'),
  ('HTKY', 'shopify', '百世快递'), ('TTKDEX', 'shopify', '天天快递'), ('UC', 'shopify', '优速快递'), ('ZJS', 'shopify', '宅急送'), ('EYB', 'shopify', '邮政电商标快'),
  ('DN', 'shopify', '丹鸟'), ('FENGWANG', 'shopify', '丰网速运'), ('ZYKD', 'shopify', '众邮快递'), ('KYE', 'shopify', '跨越速运'), ('ZTOKY', 'shopify', '中通快运'),
  ('YDKY', 'shopify', '韵达快运'), ('SFKY', 'shopify', '顺丰快运'), ('ANE', 'shopify', '安能物流'), ('DBKY', 'shopify', '德邦快运'), ('SXJD', 'shopify', '顺心捷达');
