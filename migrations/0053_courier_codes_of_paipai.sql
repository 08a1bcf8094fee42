-- 拍拍 knows couriers by their names of 2015.

insert into courier_code (courier, system, code) values
  ('SF', 'paipai', '顺丰速运'), ('YTO', 'paipai', '圆通速递'), ('ZTO', 'paipai', '中通速递'), ('STO', 'paipai', '申通快递'),
  ('YUNDA', 'paipai', '韵达快运'), ('EMS', 'paipai', '邮政EMS'), ('TTKDEX', 'paipai', '天天快递'), ('ZJS', 'paipai', '宅急送'),
  ('EYB', 'paipai', 'E邮宝'), ('HTKY', 'paipai', '汇通快运'), ('UC', 'paipai', '优速快递'), ('DBKD', 'paipai', '德邦物流');
