import { startPulse } from './pulse.js';
import { startFiles } from './files.js';
import { startTasks } from './tasks.js';

startPulse();
startTasks();
startFiles();
