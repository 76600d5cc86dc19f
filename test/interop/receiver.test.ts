import { checkReceiver } from '../unit/loggers/receiver-checks.ts';

checkReceiver('receiver.py');
